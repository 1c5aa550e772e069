import type { Outcome } from '../ask'
import { ask, askChat, chat, insist, isServed, PATH, tell } from '../ask'
import { envelope } from '../offers'
import { messages, payments } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, hostileShop, originOf } from '../shop'
import type { Stage } from '../stage'

const CROWD = 20

export const concurrency: readonly Scenario[] = [
  ...[2, CROWD, 60].map((count) =>
    attack(`${count} first calls at once pay once`, ['session'], async (stage) => {
      const gateway = await stage.gateway({ price: '$0.001' })
      const fetch = await stage.payer(gateway.url)
      await together(count, () => askChat(fetch, gateway.url))
      return atMostOne(stage)
    }),
  ),
  honest(`${CROWD} first calls at once are all served`, ['session'], async (stage) => {
    const gateway = await stage.gateway({ price: '$0.001' })
    const fetch = await stage.payer(gateway.url)
    return allServed(await together(CROWD, () => askChat(fetch, gateway.url)))
  }),
  attack(
    `${CROWD} calls at once, after the credit is used up, pay once`,
    ['session'],
    async (stage) => {
      const gateway = await stage.gateway({ price: '$0.001' })
      const fetch = await stage.payer(gateway.url)
      await askChat(fetch, gateway.url)
      gateway.state.setCredit(stage.wallets.evm.address, 0n)
      await together(CROWD, () => askChat(fetch, gateway.url))
      return payments(stage).length > 2 ? `${payments(stage).length} payments` : undefined
    },
  ),
  attack(
    `${CROWD} calls at once, after the token ends, sign in once`,
    ['sign-in'],
    async (stage) => {
      const gateway = await stage.gateway({ price: '$0.001' })
      const fetch = await stage.payer(gateway.url)
      await askChat(fetch, gateway.url)
      const before = messages(stage).length
      gateway.state.expireTokens()
      await together(CROWD, () => askChat(fetch, gateway.url))
      const made = messages(stage).length - before
      return made > 1 ? `signed ${made} messages` : atMostOne(stage)
    },
  ),
  honest(
    `${CROWD} calls at once, after the token ends, are all served`,
    ['sign-in'],
    async (stage) => {
      const gateway = await stage.gateway({ price: '$0.001' })
      const fetch = await stage.payer(gateway.url)
      await askChat(fetch, gateway.url)
      gateway.state.expireTokens()
      return allServed(await together(CROWD, () => insist(fetch, gateway.url, 2)))
    },
  ),
  honest('the first of many calls fails, and the others do not', ['evm'], async (stage) => {
    const gateway = await stage.gateway({ price: '$0.001' })
    gateway.faults.next('reset-before')
    const fetch = await stage.payer(gateway.url)
    const outcomes = await together(CROWD, () => askChat(fetch, gateway.url))
    const failed = outcomes.filter((outcome) => !isServed(outcome)).length
    return failed > 1 ? `${failed} failed` : undefined
  }),
  honest(
    'the first of many calls is given up, and the others are served',
    ['session'],
    async (stage) => {
      const gateway = await stage.gateway({ price: '$0.001' })
      const fetch = await stage.payer(gateway.url)
      const caller = new AbortController()
      stage.script((kind, signature) => {
        if (kind === 'typed data') caller.abort()
        return signature
      })
      const first = ask(fetch, `${gateway.url}${PATH}`, chat({ signal: caller.signal }))
      const others = await together(CROWD, () => askChat(fetch, gateway.url))
      await first
      return allServed(others)
    },
  ),
  attack('many shops in one: calls at once pay one payee', ['evm'], async (stage) => {
    const offer = await goodOffer(stage)
    let turn = 0
    const site = await hostileShop(stage, (seen) => {
      turn += 1
      const payTo = `0x${turn.toString(16).padStart(40, '1')}`
      return challenge(envelope(originOf(seen), [{ ...offer, payTo }]))
    })
    const fetch = await stage.payer(site.url)
    await together(8, () => askChat(fetch, site.url))
    const payees = new Set(
      payments(stage).map((one) => one.kind === 'typed data' && String(one.typedData.message.to)),
    )
    return payees.size > 1 ? `paid ${payees.size} payees` : undefined
  }),
]

function attack(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'concurrency', kind: 'attack', name, needs, run }
}

function honest(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'concurrency', kind: 'honest', name, needs, run }
}

function together(count: number, act: () => Promise<Outcome>): Promise<readonly Outcome[]> {
  return Promise.all(Array.from({ length: count }, act))
}

function atMostOne(stage: Stage): string | undefined {
  const made = payments(stage).length
  return made > 1 ? `signed ${made} payments` : undefined
}

function allServed(outcomes: readonly Outcome[]): string | undefined {
  const failed = outcomes.filter((outcome) => !isServed(outcome))
  const [first] = failed
  return first && `${failed.length} of ${outcomes.length} failed: ${tell(first)}`
}
