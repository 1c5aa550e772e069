import { type FormEvent, type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useDesk } from './desk'
import { ModelPicker } from './ModelPicker'
import { type Turn, useChat } from './useChat'

const IDEAS = ['Explain x402 in one sentence', 'What does a stablecoin do?', 'Count to a hundred']

/** The conversation and the box to go on with it. */
export function Chat() {
  const { turns, isBusy, send, stop } = useChat()
  const { step } = useDesk()
  const [model, setModel] = useState('openai/gpt-4o-mini')
  const [text, setText] = useState('')
  const box = useRef<HTMLTextAreaElement>(null)
  const end = useRef<HTMLDivElement>(null)
  const latest = turns.at(-1)

  useEffect(() => {
    box.current?.focus()
  }, [])
  // biome-ignore lint/correctness/useExhaustiveDependencies: follows the answer as it grows.
  useEffect(() => {
    end.current?.scrollIntoView({ block: 'end' })
  }, [latest])

  const ask = (question: string) => {
    if (isBusy || question.trim() === '') return
    send(question.trim(), model)
    setText('')
    box.current?.focus()
  }
  const onSubmit = (event: FormEvent) => {
    event.preventDefault()
    ask(text)
  }
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return
    event.preventDefault()
    ask(text)
  }

  return (
    <main className="chat">
      <h1 className="sr-only">Chat</h1>
      <div className="scroll">
        {turns.length === 0 && (
          <div className="empty">
            <p>What would you like to know?</p>
            <ul className="ideas">
              {IDEAS.map((idea) => (
                <li key={idea}>
                  <button type="button" onClick={() => ask(idea)}>
                    {idea}
                  </button>
                </li>
              ))}
            </ul>
          </div>
        )}
        <div role="log" aria-label="Conversation" aria-busy={isBusy}>
          <ol className="log">
            {turns.map((turn) => (
              <li key={turn.id}>
                <p className="question">
                  <span className="sr-only">You: </span>
                  {turn.question}
                </p>
                <Answer turn={turn} step={step} retry={() => ask(turn.question)} />
              </li>
            ))}
          </ol>
        </div>
        <div className="end" ref={end} />
      </div>
      <form onSubmit={onSubmit}>
        <label className="sr-only" htmlFor="question">
          Your question
        </label>
        <textarea
          id="question"
          ref={box}
          rows={2}
          value={text}
          placeholder="Ask anything"
          onChange={({ target }) => setText(target.value)}
          onKeyDown={onKeyDown}
        />
        <div className="tools">
          <ModelPicker model={model} onChange={setModel} />
          {isBusy ? (
            <button type="button" className="primary" onClick={stop}>
              Stop
            </button>
          ) : (
            <button type="submit" className="primary" disabled={text.trim() === ''}>
              Send
            </button>
          )}
        </div>
      </form>
      <p className="sr-only" role="status">
        {isBusy ? WAITING[step] : latest?.state === 'done' ? 'The answer is complete.' : ''}
      </p>
    </main>
  )
}

type AnswerProps = {
  readonly turn: Turn
  readonly step: ReturnType<typeof useDesk>['step']
  readonly retry: () => void
}

function Answer({ turn: { answer, state, trouble }, step, retry }: AnswerProps) {
  if (state === 'waiting') {
    return (
      <p className="answer waiting">
        <span className="spinner" /> {WAITING[step]}
      </p>
    )
  }
  return (
    <>
      {answer !== '' && (
        <p className="answer">
          <span className="sr-only">Answer: </span>
          {answer}
          {state === 'streaming' && <span className="caret" />}
        </p>
      )}
      {state === 'stopped' && <p className="aside">You stopped this answer.</p>}
      {trouble && (
        <div className="alert" role="alert">
          <p>
            <strong>{trouble.title}</strong> {trouble.detail}
          </p>
          <button type="button" onClick={retry}>
            Try again
          </button>
        </div>
      )}
    </>
  )
}

const WAITING = {
  idle: 'Waiting for the answer…',
  asked: 'Waiting for you to decide…',
  'in the wallet': 'Confirm in your wallet…',
  'on its way': 'Paying…',
} as const
