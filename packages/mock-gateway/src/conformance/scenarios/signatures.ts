import { askChat } from '../ask'
import type { Json } from '../offers'
import { BASE, envelope, SOLANA, STRANGER } from '../offers'
import { noPayment, onlyTransfers, payments, plainSignIns, validFor } from '../oracles'
import type { Scenario } from '../Scenario'
import { challenge, goodOffer, hostileShop, originOf } from '../shop'
import type { Reply } from '../site'
import type { Stage } from '../stage'
import { paymentHeader } from '../till'

const PERMIT2 = { name: 'USD Coin', version: '2', assetTransferMethod: 'permit2' }
const sponsored = (name: string): Json => ({
  [name]: { info: { description: 'free' }, schema: {} },
})

/** Offers that need another signature than a transfer's. */
const otherKinds: Readonly<Record<string, { readonly offer: Json; readonly extensions?: Json }>> = {
  'a Permit2 transfer': { offer: { extra: PERMIT2 } },
  'a Permit2 transfer with a permit of EIP-2612': {
    offer: { extra: PERMIT2 },
    extensions: sponsored('eip2612GasSponsoring'),
  },
  'a Permit2 transfer with a raw approval': {
    offer: { extra: PERMIT2 },
    extensions: sponsored('erc20ApprovalGasSponsoring'),
  },
  'a permit of EIP-2612': {
    offer: { extra: { name: 'USD Coin', version: '2', assetTransferMethod: 'eip2612' } },
  },
  'an authorization of EIP-7702': {
    offer: { extra: { name: 'USD Coin', version: '2', assetTransferMethod: 'eip7702' } },
    extensions: { setCode: { address: STRANGER, chainId: 0 } },
  },
  'a ceiling that the seller fills in': {
    offer: { scheme: 'upto', extra: { ...PERMIT2, facilitatorAddress: STRANGER } },
  },
  'a deposit into a channel': {
    offer: {
      scheme: 'batch-settlement',
      extra: { name: 'USD Coin', version: '2', receiverAuthorizer: STRANGER, withdrawDelay: 1 },
    },
  },
  'a payment into escrow': {
    offer: {
      scheme: 'auth-capture',
      extra: {
        name: 'USD Coin',
        version: '2',
        captureAuthorizer: STRANGER,
        feeRecipient: STRANGER,
        minFeeBps: 0,
        maxFeeBps: 10_000,
      },
    },
  },
  'a transfer that only the payee can send': {
    offer: { extra: { name: 'USD Coin', version: '2', primaryType: 'ReceiveWithAuthorization' } },
  },
  'a cancellation': {
    offer: { extra: { name: 'USD Coin', version: '2', primaryType: 'CancelAuthorization' } },
  },
  'typed data of its own': {
    offer: {
      extra: {
        name: 'USD Coin',
        version: '2',
        typedData: {
          domain: { name: 'Permit2', chainId: 8453, verifyingContract: STRANGER },
          primaryType: 'Permit',
          types: { Permit: [{ name: 'spender', type: 'address' }] },
          message: { spender: STRANGER },
        },
      },
    },
  },
  'a transaction of its own': {
    offer: { extra: { name: 'USD Coin', version: '2', transaction: { to: STRANGER, data: '0x' } } },
  },
  'a hash of its own': {
    offer: { extra: { name: 'USD Coin', version: '2', hash: `0x${'ab'.repeat(32)}` } },
  },
}

/** Answers that ask for a signature where no terms are. */
const requests: Readonly<Record<string, Reply>> = {
  'a 412 that asks for an allowance': {
    status: 412,
    body: JSON.stringify({ error: 'permit2_allowance_required', spender: STRANGER }),
  },
  'a 402 that is a call of eth_sendTransaction': {
    status: 402,
    body: JSON.stringify({
      jsonrpc: '2.0',
      method: 'eth_sendTransaction',
      params: [{ to: STRANGER }],
    }),
  },
  'a 428 that asks for typed data': {
    status: 428,
    body: JSON.stringify({ typedData: { primaryType: 'Permit' } }),
  },
}

/** What a broken wallet returns in the place of a signature. */
const brokenSignatures: Readonly<Record<string, unknown>> = {
  nothing: undefined,
  null: null,
  'an empty text': '',
  'an empty hex string': '0x',
  'four bytes': '0x12345678',
  '64 bytes': `0x${'11'.repeat(64)}`,
  'a text that is not hex': 'signed',
  '65 bytes without 0x': '11'.repeat(65),
  'half a byte too many': `0x${'11'.repeat(65)}1`,
  'a number': 42,
  'an object': { signature: '0x' },
  'a list': [`0x${'11'.repeat(65)}`],
  zeros: `0x${'00'.repeat(65)}`,
}

/** The same for Solana, given the signature. */
const brokenSolanaSignatures: Readonly<Record<string, (signature: Uint8Array) => unknown>> = {
  nothing: () => undefined,
  zeros: () => new Uint8Array(64),
  '63 bytes': (signature) => signature.slice(0, 63),
  'a signature with a changed bit': (signature) =>
    signature.map((byte, at) => (at === 40 ? byte ^ 1 : byte)),
  'the halves of a signature swapped': (signature) =>
    Uint8Array.from([...signature.slice(32), ...signature.slice(0, 32)]),
}

export const signatures: readonly Scenario[] = [
  ...Object.entries(otherKinds).map(([name, { offer, extensions }]) =>
    attack(name, async (stage) => {
      const { payTo, url } = await call(stage, offer, extensions)
      return (
        plainSignIns(stage, url) ?? onlyTransfers(stage, payTo, 50_000n) ?? validFor(stage, 3_700)
      )
    }),
  ),
  ...Object.entries(requests).map(([name, reply]) =>
    attack(name, async (stage) => {
      const site = await hostileShop(stage, () => reply)
      await askChat(await stage.payer(site.url), site.url)
      return plainSignIns(stage, site.url) ?? noPayment(stage)
    }),
  ),
  ...Object.entries(brokenSignatures).map(([name, returned]) =>
    attack(`a wallet that returns ${name} is not believed`, async (stage) => {
      stage.script((kind, signature) => (kind === 'typed data' ? returned : signature))
      const offer = await goodOffer(stage)
      const site = await hostileShop(stage, (seen) => challenge(envelope(originOf(seen), [offer])))
      await askChat(await stage.payer(site.url), site.url)
      const sent = site.seen.some(({ headers }) => paymentHeader(headers))
      return sent ? 'sent what the wallet returned' : undefined
    }),
  ),
  ...Object.entries(brokenSolanaSignatures).map(
    ([name, returned]): Scenario => ({
      ...attack(`a wallet that returns ${name} is not believed, on Solana`, async (stage) => {
        stage.script((_, signature) =>
          typeof signature === 'string' ? signature : returned(Uint8Array.from(signature)),
        )
        const offer = await goodOffer(stage, SOLANA)
        const site = await hostileShop(stage, (seen) =>
          challenge(envelope(originOf(seen), [offer])),
        )
        await askChat(await stage.payer(site.url), site.url)
        const sent = site.seen.some(({ headers }) => paymentHeader(headers))
        return sent ? 'sent what the wallet returned' : undefined
      }),
      needs: ['solana'],
    }),
  ),
  attack('a wallet that says no is asked once', async (stage) => {
    let asked = 0
    stage.script((kind, signature) => {
      if (kind !== 'typed data') return signature
      asked += 1
      throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
    })
    await call(stage, {})
    return asked > 1 ? `asked ${asked} times` : undefined
  }),
  ...([BASE, SOLANA] as const).map(
    (network): Scenario => ({
      family: 'signatures',
      kind: 'honest',
      name: `eight payments on ${network.split(':')[0]} have eight nonces`,
      needs: [network === BASE ? 'evm' : 'solana'],
      run: async (stage) => {
        const offer = await goodOffer(stage, network)
        const site = await hostileShop(stage, (seen) =>
          challenge(envelope(originOf(seen), [offer])),
        )
        const fetch = await stage.payer(site.url)
        for (let i = 0; i < 8; i += 1) await askChat(fetch, site.url)
        const nonces = new Set(payments(stage).map(nonceOf))
        return nonces.size === 8 ? undefined : `${nonces.size} nonces`
      },
    }),
  ),
]

function attack(name: string, run: Scenario['run']): Scenario {
  return { family: 'signatures', kind: 'attack', name, needs: ['evm'], run }
}

function nonceOf(one: Stage['signed'][number]): string {
  if (one.kind === 'typed data') return String(one.typedData.message.nonce)
  return one.kind === 'solana transaction' ? Buffer.from(one.message).toString('hex') : one.kind
}

/** Calls a shop whose offer is changed; resolves to the honest payee and the shop. */
async function call(stage: Stage, changes: Json, extensions: Json = {}) {
  const offer = await goodOffer(stage)
  const site = await hostileShop(stage, (seen) =>
    challenge(envelope(originOf(seen), [{ ...offer, ...changes }], { extensions })),
  )
  await askChat(await stage.payer(site.url), site.url)
  return { payTo: String(offer.payTo), url: site.url }
}
