import type { MockGateway } from '@arouter/mock-gateway'
import type { ARouter } from '@arouter/sdk'
import type { Cost, Step } from './Step'

/** Atomic units of the smallest offer a mock gateway makes. */
const ONE_DOLLAR = 1_000_000n

/** New to the gateway: sign in, 402, pay. The memory store cannot know that no credit is left. */
export const COLD: Cost = { roundTrips: 3, payments: 1, signatures: 2, bought: ONE_DOLLAR }
const WARM: Cost = { roundTrips: 1, payments: 0, signatures: 0, bought: 0n }
/** 401, sign in, the request again. */
const EXPIRED: Cost = { roundTrips: 3, payments: 0, signatures: 1, bought: 0n }
/** 402, the request again with a payment. */
const TOP_UP: Cost = { roundTrips: 2, payments: 1, signatures: 1, bought: ONE_DOLLAR }

/** The life of a wallet at a gateway, in five steps. */
export function chainSteps(
  chain: string,
  gateway: MockGateway,
  client: ARouter,
  address: string,
): Step[] {
  const step = (what: string, cost: Cost, more: Partial<Step> = {}): Step => {
    const name = `${chain}: ${what}`
    return { name, gateway, cost, act: () => ask(client, name), ...more }
  }
  const streamed = `${chain}: a streamed answer`
  return [
    step('a cold call pays once', COLD),
    step('a warm call spends the credit', WARM),
    step('a streamed answer', WARM, { act: () => stream(client, streamed) }),
    step('an expired token is renewed', EXPIRED, { arrange: () => gateway.state.expireTokens() }),
    step('credit has run out: one top-up', TOP_UP, {
      arrange: async () => {
        gateway.state.setCredit(address, '$0.000001')
        await ask(client, 'this answer costs more than the credit that is left')
      },
    }),
  ]
}

/** Asks a model that says what it was told. */
export async function ask(client: ARouter, content: string): Promise<string> {
  const { choices } = await client.chatCompletion(request(content))
  return choices[0]?.message.content ?? ''
}

async function stream(client: ARouter, content: string): Promise<string> {
  let answer = ''
  for await (const { choices } of client.chatCompletionStream(request(content))) {
    answer += choices[0]?.delta.content ?? ''
  }
  return answer
}

function request(content: string) {
  return { model: 'arouter/echo', messages: [{ role: 'user' as const, content }] }
}
