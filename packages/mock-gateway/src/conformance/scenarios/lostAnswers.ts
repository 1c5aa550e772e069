import type { MockGateway } from '../../createMockGateway'
import type { FaultOptions } from '../../faults/faults'
import type { FaultKind } from '../../faults/kinds'
import { ask, chat, insist, isServed, PATH, tell } from '../ask'
import { BASE, base64, envelope, SOLANA } from '../offers'
import { atMost } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, isSignIn, originOf } from '../shop'
import type { Reply } from '../site'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'

type Loss = readonly [FaultKind, FaultOptions?]

/** A paid request whose answer is lost, once or twice. */
const losses: Readonly<Record<string, readonly Loss[]>> = {
  'the connection breaks': [['drop-after-settle']],
  'the connection breaks twice': [['drop-after-settle'], ['drop-after-settle']],
  '500 comes': [['5xx-after-settle', { status: 500, keeps: 'nothing' }]],
  '502 comes': [['5xx-after-settle', { status: 502, keeps: 'nothing' }]],
  '503 comes': [['5xx-after-settle', { status: 503, keeps: 'nothing' }]],
  '504 comes': [['5xx-after-settle', { status: 504, keeps: 'nothing' }]],
  '502 comes with a receipt': [['5xx-after-settle', { status: 502 }]],
  '408 comes': [['5xx-after-settle', { status: 408, keeps: 'nothing' }]],
  '429 comes': [['429-after-settle', { retryAfter: '0', keeps: 'nothing' }]],
  '429 comes with a negative Retry-After': [
    ['429-after-settle', { retryAfter: '-1', keeps: 'nothing' }],
  ],
  '429 comes with a Retry-After of 30 years': [
    ['429-after-settle', { retryAfter: '999999999', keeps: 'nothing' }],
  ],
  '402 comes again': [['402-after-settle', { keeps: 'nothing' }]],
  '402 comes again with a receipt': [['402-after-settle']],
  'the answer ends half-way': [['truncate-body']],
  'the answer breaks half-way': [['reset-body']],
  'the payment is verified and the connection breaks': [['drop-after-verify']],
  'somebody else lands the payment': [['third-party-settles']],
  'the gateway says that it is still settling': [['settle-late']],
}

/** An answer that came, with a receipt that does not help. */
const poorReceipts: Readonly<Record<string, readonly Loss[]>> = {
  'the receipt is missing': [['receipt-lost']],
  'the receipt says that it failed': [['receipt-spoofed', { receipt: { success: false } }]],
  'the receipt has no token': [['receipt-spoofed', { receipt: { jwt: undefined } }]],
}

const { 'somebody else lands the payment': _, ...creditable } = losses

/** The losses after which credit is there to be found. */
const lasting: typeof losses = {
  ...creditable,
  'the gateway says that it is still settling': [['settle-late', { after: 50 }]],
}

/** A 402 that answers a payment, and what it says. */
const refusals: Readonly<Record<string, (payer: string) => Readonly<Record<string, string>>>> = {
  'that the nonce is used': () => said({ errorReason: 'invalid_exact_evm_nonce_already_used' }),
  'that it settles': () => said({ errorReason: 'settlement_pending' }),
  'that it is a duplicate': () => said({ errorReason: 'duplicate_settlement' }),
  'that funds are missing': () => said({ errorReason: 'insufficient_funds' }),
  'that the signature is wrong': () => said({ errorReason: 'invalid_exact_evm_signature' }),
  'that the amount is wrong': () => said({ errorReason: 'invalid_payload_value_mismatch' }),
  'that it has expired': () => said({ errorReason: 'payment_expired' }),
  nothing: () => ({}),
  'that it succeeded': (payer) => said({ success: true, transaction: '0x1', payer }),
  'something that cannot be read': () => ({ 'payment-response': '%%%' }),
}

export const lostAnswers: readonly Scenario[] = [
  ...Object.entries(losses).flatMap(([name, faults]) => [
    pays(`after a payment ${name}: three tries pay once`, BASE, faults),
  ]),
  ...['the connection breaks', '502 comes', '402 comes again'].map((name) =>
    pays(`on Solana, after a payment ${name}: three tries pay once`, SOLANA, losses[name] ?? []),
  ),
  pays('nothing comes after a payment, and the call is given up: three tries pay once', BASE, [
    ['hang-after-settle'],
  ]),
  ...Object.entries(lasting).map(
    ([name, faults]): Scenario => ({
      family: 'lost answers',
      kind: 'honest',
      name: `after a payment ${name}: its credit is found within three tries`,
      needs: ['sign-in'],
      run: async (stage) => {
        const gateway = await startOn(stage, BASE, faults)
        const outcome = await insist(await stage.payer(gateway.url), gateway.url, 3)
        if (!isServed(outcome)) return tell(outcome)
        const { payments } = gateway.state.counts()
        return payments === 1 ? undefined : `${payments} payments were settled`
      },
    }),
  ),
  ...Object.entries(poorReceipts).map(
    ([name, faults]): Scenario => ({
      family: 'lost answers',
      kind: 'honest',
      name: `after a payment ${name}: its credit serves the next call`,
      needs: ['sign-in'],
      run: async (stage) => {
        const gateway = await startOn(stage, BASE, faults)
        const fetch = await stage.payer(gateway.url)
        const first = await ask(fetch, `${gateway.url}${PATH}`)
        const second = await ask(fetch, `${gateway.url}${PATH}`)
        if (!isServed(first) || !isServed(second)) return `${tell(first)}, ${tell(second)}`
        const { payments } = gateway.state.counts()
        return payments === 1 ? undefined : `${payments} payments were settled`
      },
    }),
  ),
  ...Object.entries(refusals).map(([name, headers]) =>
    attack(
      `a payment is answered by 402, saying ${name}: three tries sign once`,
      ['evm'],
      async (stage) => {
        const offer = await goodOffer(stage)
        const site = await stage.serve((seen): Reply | undefined => {
          if (isSignIn(seen)) return undefined
          const terms = challenge(envelope(originOf(seen), [offer]))
          if (!paymentHeader(seen.headers) || typeof terms === 'string') return terms
          return { ...terms, headers: { ...terms.headers, ...headers(stage.wallets.evm.address) } }
        })
        await insist(await stage.payer(site.url), site.url, 3)
        return atMost(stage, 1)
      },
    ),
  ),
]

function said(receipt: Readonly<Record<string, unknown>>): Readonly<Record<string, string>> {
  return {
    'payment-response': base64({ success: false, transaction: '', network: BASE, ...receipt }),
  }
}

function attack(name: string, needs: Scenario['needs'], run: Scenario['run']): Scenario {
  return { family: 'lost answers', kind: 'attack', name, needs, run }
}

function pays(
  name: string,
  network: typeof BASE | typeof SOLANA,
  faults: readonly Loss[],
): Scenario {
  return attack(name, [network === BASE ? 'evm' : 'solana'], async (stage) => {
    const gateway = await startOn(stage, network, faults)
    const fetch = await stage.payer(gateway.url)
    const hangs = faults.some(([kind]) => kind === 'hang-after-settle')
    for (let tries = 0; tries < 3; tries += 1) {
      const caller = new AbortController()
      const watch = hangs ? whenSettled(gateway, () => caller.abort()) : undefined
      const init = hangs ? chat({ signal: caller.signal }) : chat()
      const outcome = await ask(fetch, `${gateway.url}${PATH}`, init)
      clearInterval(watch)
      if (isWhole(outcome)) break
    }
    await gateway.state.advance({ milliseconds: 1 }) // What was held back lands now.
    const { payments } = gateway.state.counts()
    return payments > 1 ? `${payments} payments were settled` : atMost(stage, 1)
  })
}

async function startOn(
  stage: Stage,
  network: typeof BASE | typeof SOLANA,
  faults: readonly Loss[],
) {
  const gateway = await stage.gateway({ networks: [network] })
  for (const [kind, options] of faults)
    gateway.faults.next(kind, { carrying: 'payment', ...options })
  return gateway
}

/** An answer of 200 that was not cut short. */
function isWhole(outcome: Awaited<ReturnType<typeof ask>>): boolean {
  return 'status' in outcome && outcome.status === 200 && outcome.text.endsWith('}')
}

function whenSettled(gateway: MockGateway, then: () => void) {
  return setInterval(() => {
    if (gateway.state.counts().payments > 0) then()
  }, 5)
}
