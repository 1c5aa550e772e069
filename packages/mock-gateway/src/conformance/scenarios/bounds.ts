import type { ServerResponse } from 'node:http'
import { ask, chat, PATH } from '../ask'
import { envelope, envelopeV1 } from '../offers'
import { messages, noPayment } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, challengeV1, goodOffer, hostileShop, isSignIn, originOf } from '../shop'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'

const MIB = 1024 * 1024
const ENDLESS = 64 * MIB
const FILLER = ' '.repeat(MIB)

export const bounds: readonly Scenario[] = [
  ...Object.entries({
    'without terms': '',
    'that begins like terms': '{"x402Version":1,"accepts":[',
  }).map(([name, beginning]) =>
    attack(`the endless body of a 402 ${name} is not read to its end`, async (stage) => {
      const { body, taken } = endless(beginning)
      const site = await hostileShop(stage, () => ({ status: 402, body }))
      await ask(await stage.payer(site.url), `${site.url}${PATH}`)
      return taken() >= ENDLESS ? `read ${taken() / MIB} MiB` : noPayment(stage)
    }),
  ),
  attack(
    'the endless body of a 402 with its terms in a header is not read to its end',
    async (stage) => {
      const offer = await goodOffer(stage)
      const { body, taken } = endless('{}')
      const site = await hostileShop(stage, (seen) =>
        challenge(envelope(originOf(seen), [offer]), { body }),
      )
      await ask(await stage.payer(site.url), `${site.url}${PATH}`)
      return taken() >= ENDLESS ? `read ${taken() / MIB} MiB` : undefined
    },
  ),
  attack(
    'terms under 100 KB of white space are not paid',
    async (stage) => {
      const offer = await goodOffer(stage)
      const site = await hostileShop(stage, (seen) => {
        const terms = JSON.stringify(envelopeV1(originOf(seen), [offer]))
        return challengeV1(' '.repeat(100_000) + terms)
      })
      await ask(await stage.payer(site.url), `${site.url}${PATH}`)
      return noPayment(stage)
    },
    ['v1'],
  ),
  attack(
    'terms in JSON 1,000 deep are not paid',
    async (stage) => {
      const offer = await goodOffer(stage)
      const site = await hostileShop(stage, (seen) => {
        const terms = JSON.stringify(envelopeV1(originOf(seen), [offer], { more: 'DEEP' }))
        return challengeV1(terms.replace('"DEEP"', `${'{"a":'.repeat(1_000)}1${'}'.repeat(1_000)}`))
      })
      await ask(await stage.payer(site.url), `${site.url}${PATH}`)
      return noPayment(stage)
    },
    ['v1'],
  ),
  attack('a call that was given up before it began sends and signs nothing', async (stage) => {
    const offer = await goodOffer(stage)
    const site = await hostileShop(stage, (seen) => challenge(envelope(originOf(seen), [offer])))
    const init = chat({ signal: AbortSignal.abort() })
    await ask(await stage.payer(site.url), `${site.url}${PATH}`, init)
    if (site.seen.some((seen) => !isSignIn(seen))) return 'sent a request'
    return signedNothing(stage)
  }),
  attack(
    'a call that was given up while the 402 came signs nothing',
    async (stage) => {
      const offer = await goodOffer(stage)
      const caller = new AbortController()
      const site = await hostileShop(stage, (seen) => ({
        status: 402,
        headers: { 'content-type': 'application/json' },
        body: (response) => {
          const terms = JSON.stringify(envelopeV1(originOf(seen), [offer]))
          response.write(terms.slice(0, 40))
          setImmediate(() => {
            caller.abort()
            response.end(terms.slice(40))
          })
        },
      }))
      const fetch = await stage.payer(site.url)
      await ask(fetch, `${site.url}${PATH}`, chat({ signal: caller.signal }))
      return noPayment(stage)
    },
    ['v1'],
  ),
  attack(
    'a call that was given up while the wallet was asked ends, and sends no payment',
    (stage) => givenUpAtTheWallet(stage, 'typed data'),
  ),
  attack(
    'a call that was given up while the wallet signed in ends, and sends no proof',
    (stage) => givenUpAtTheWallet(stage, 'message'),
    [['sign-in', 'siwx']],
  ),
  attack(
    'a call that was given up while its payment was out ends, and signs no other',
    async (stage) => {
      const offer = await goodOffer(stage)
      const caller = new AbortController()
      const site = await stage.serve((seen) => {
        if (isSignIn(seen)) return undefined
        if (!paymentHeader(seen.headers)) return challenge(envelope(originOf(seen), [offer]))
        setImmediate(() => caller.abort())
        return 'silence'
      })
      const fetch = await stage.payer(site.url)
      await ask(fetch, `${site.url}${PATH}`, chat({ signal: caller.signal }))
      const paid = site.seen.filter(({ headers }) => paymentHeader(headers)).length
      return stage.signed.filter(({ kind }) => kind === 'typed data').length > 1 || paid > 1
        ? `sent ${paid} payments`
        : undefined
    },
  ),
]

function attack(name: string, run: Scenario['run'], needs: Scenario['needs'] = ['evm']): Scenario {
  return { family: 'bounds', kind: 'attack', name, needs, run }
}

function signedNothing(stage: Stage): string | undefined {
  return messages(stage).length > 0 ? 'signed a message' : noPayment(stage)
}

/** A body that ends only after 64 MiB, and how much of it has been taken. */
function endless(beginning: string) {
  let taken = 0
  const body = (response: ServerResponse) => {
    response.write(beginning)
    const fill = () => {
      while (!response.destroyed && taken < ENDLESS) {
        taken += MIB
        if (!response.write(FILLER)) return
      }
      response.end()
    }
    response.on('drain', fill)
    fill()
  }
  return { body, taken: () => taken }
}

/** The wallet answers only when the call has ended, or has not for two seconds. */
async function givenUpAtTheWallet(stage: Stage, kind: 'typed data' | 'message') {
  const offer = await goodOffer(stage)
  const caller = new AbortController()
  const wallet = openGate()
  let ended: 'in time' | 'late' | undefined
  stage.script(async (asked, signature) => {
    if (asked !== kind) return signature
    caller.abort()
    const patience = setTimeout(() => {
      ended ??= 'late'
      wallet.resolve()
    }, 2_000)
    await wallet.promise
    clearTimeout(patience)
    return signature
  })
  const site = await stage.serve((seen) => {
    if (isSignIn(seen)) return { status: 401, body: '{}' }
    if (paymentHeader(seen.headers)) return { body: 'served' }
    if (kind === 'message') return { status: 401, body: '{}' }
    return challenge(envelope(originOf(seen), [offer]))
  })
  const fetch = await stage.payer(site.url)
  await ask(fetch, `${site.url}${PATH}`, chat({ signal: caller.signal }))
  ended ??= 'in time'
  wallet.resolve()
  await new Promise((resolve) => setTimeout(resolve, 20))
  if (ended === 'late') return 'waited for the wallet'
  const sent = site.seen.some(({ headers }) =>
    kind === 'message' ? headers['sign-in-with-x'] !== undefined : paymentHeader(headers),
  )
  return sent ? 'sent what was signed' : undefined
}

/** A promise that is resolved from outside. */
function openGate() {
  let resolve = () => {}
  const promise = new Promise<void>((settle) => {
    resolve = settle
  })
  return { promise, resolve }
}
