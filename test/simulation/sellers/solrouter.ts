import { SolRouter } from '../../../packages/sdk/src/dialects/solrouter/SolRouter'
import { ORIGIN } from '../World'
import { ask, receipt } from './asking'
import type { Paid, Scene } from './Scene'
import type { System } from './System'
import { named, single, type Wishes } from './Wishes'

const PRICE = 20_000n

/** Solrouter without an account: one payment for each call, in x402 version 1, and 200s that say `success: false`. */
export function solrouter(scene: Scene, { wish }: Wishes): System {
  const { plan, chance, holder, goods, goesWrong, settle } = scene
  const { manner, faults } = plan
  const thingOf = (prompt: string) =>
    prompt.startsWith('order') ? named(prompt) : single(scene, prompt)
  const promptIn = (body: string): string => JSON.parse(body).encryptedPrompt
  const give = (paid: Paid, body: object, headers: Record<string, string>) => {
    const answer = Response.json(body, { headers })
    goods.set(answer, paid)
    return answer
  }
  const spoiled = new Set<string>()

  return {
    thingOf: ({ body }) => thingOf(promptIn(body)),
    answer: ({ paid, path, body }) => {
      const terms = (error?: string) =>
        ask({ holder, amount: PRICE, path, version: plan.version, error })
      if (!paid) {
        if (!goesWrong(faults / 6)) return terms()
        return Response.json({
          success: false,
          requiresDeposit: true,
          reason: 'free_trial_exhausted',
        })
      }
      if (paid.settled && manner !== 'remembers') return terms('transaction_already_used')
      if (goesWrong(faults / 3)) return Response.json({ error: 'tee_unreachable' }, { status: 502 })
      if (manner === 'settles last' && goesWrong(faults)) {
        return Response.json({ error: 'billing_unavailable' }, { status: 503 })
      }
      if (!paid.settled && !settle(paid)) return terms('transaction_expired')
      const told = receipt(holder, plan.version)
      if (goesWrong(faults / 3)) {
        return Response.json({ error: 'tee_unreachable' }, { status: 502, headers: told })
      }
      const headers = goesWrong(faults / 3) ? {} : told
      if (spoiled.has(paid.nonce) || goesWrong(faults / 3)) {
        spoiled.add(paid.nonce)
        paid.isForNothing = true
        return give(paid, { success: false, error: 'tee_unreachable' }, headers)
      }
      const usage = { prompt_tokens: 1, completion_tokens: 1, total_tokens: 2 }
      const encryptedResponse = `${promptIn(body)} for ${paid.nonce}`
      return give(paid, { encryptedResponse, usage, cost: 0.02 }, headers)
    },
    want: (process) => {
      const isNamed = chance.happens(plan.named)
      const prompt = `${isNamed ? 'order' : 'prompt'}-${chance.between(1, plan.things)}`
      const request = { encryptedPrompt: prompt, model: 'gpt-oss:20b' }
      const options = isNamed ? { idempotencyKey: prompt } : {}
      return wish(process, thingOf(prompt), async ({ wallet }) => {
        const client = SolRouter({ wallet, baseURL: ORIGIN })
        const { encryptedResponse } = await client.chat(request, options)
        const text = String(encryptedResponse)
        return { text, nonce: text.split(' for ')[1] }
      })
    },
    canBeHad: () => manner === 'remembers',
  }
}
