import { useARouter } from '@arouter/react'
import { isARouterError } from '@arouter/sdk'
import { useEffect, useRef, useState } from 'react'
import { clear } from './desk'
import { describe, type Trouble } from './trouble'

/** A question and its answer. */
export type Turn = {
  readonly id: number
  readonly question: string
  readonly answer: string
  readonly state: 'waiting' | 'streaming' | 'done' | 'stopped' | 'failed'
  readonly trouble?: Trouble
}

export type Chat = {
  readonly turns: readonly Turn[]
  readonly isBusy: boolean
  readonly send: (question: string, model: string) => void
  readonly stop: () => void
}

/** A conversation, paid for by the connected wallet. */
export function useChat(): Chat {
  const client = useARouter()
  const [turns, setTurns] = useState<readonly Turn[]>([])
  const running = useRef<AbortController | undefined>(undefined)
  const isBusy = turns.some(({ state }) => state === 'waiting' || state === 'streaming')

  // Whoever leaves the page hangs up.
  useEffect(() => () => running.current?.abort(), [])

  const send = async (question: string, model: string) => {
    const controller = new AbortController()
    running.current = controller
    const answered = turns.filter(({ state }) => state === 'done')
    const messages = [
      ...answered.flatMap((turn) => [
        { role: 'user' as const, content: turn.question },
        { role: 'assistant' as const, content: turn.answer },
      ]),
      { role: 'user' as const, content: question },
    ]
    const id = (turns.at(-1)?.id ?? 0) + 1
    const become = (change: Partial<Turn>) =>
      setTurns((all) => all.map((turn) => (turn.id === id ? { ...turn, ...change } : turn)))

    // What failed is asked anew, not shown twice.
    setTurns((all) => [
      ...all.filter((turn) => turn.state !== 'failed' || turn.question !== question),
      { id, question, answer: '', state: 'waiting' },
    ])
    let answer = ''
    try {
      const stream = client.chatCompletionStream({ model, messages }, { signal: controller.signal })
      for await (const chunk of stream) {
        answer += chunk.choices[0]?.delta.content ?? ''
        become({ answer, state: 'streaming' })
      }
      become({ state: 'done' })
    } catch (error) {
      if (isARouterError(error, 'aborted')) become({ state: 'stopped' })
      else become({ state: 'failed', trouble: describe(error) })
    } finally {
      clear()
    }
  }

  return { turns, isBusy, send, stop: () => running.current?.abort() }
}
