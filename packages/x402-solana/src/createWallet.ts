import { asWalletError } from './asWalletError'
import { encode58 } from './base58'
import { blockhashSource } from './blockhash'
import { encode64, read32 } from './bytes'
import { checkSigned } from './checkSigned'
import { ed25519Verify } from './ed25519'
import { assetOf, networks } from './networks'
import { readFate } from './readFate'
import { refuseTerms } from './refuseTerms'
import { summarize } from './summarize'
import { tokenAccount } from './tokenAccount'
import { type Transfer, transferMessage, unsignedTransaction } from './transaction'
import { WalletError } from './WalletError'
import type { PrepareContext, Prepared, Terms, Wallet } from './wallet'

/** What any kind of Solana signer comes down to. */
export type RawSigner = {
  /** Base58. */
  readonly address: string
  /** True where signing asks a person. */
  readonly interactive?: true
  /** Takes and returns the wire form; what comes back may have been changed. */
  readonly signTransaction: (wire: Uint8Array, on: SigningContext) => Promise<Uint8Array>
  readonly signMessage: (
    message: Uint8Array,
    on: Pick<SigningContext, 'signal'>,
  ) => Promise<Uint8Array>
}

/** What a signer may want to know besides the bytes. */
export type SigningContext = {
  /** CAIP-2. */
  readonly network: string
  /** No window may open once it is aborted. */
  readonly signal?: AbortSignal | undefined
}

// 150 blocks of 0.4 to 0.6 seconds, and room to spare.
const LIFETIME_SECONDS = 150

/** The one way from a signer to a wallet: nothing else in the package reaches a signer. */
export function createWallet(signer: RawSigner): Wallet {
  const { address } = signer
  const publicKey = read32(address)
  if (publicKey === undefined) {
    throw new WalletError('invalid_address', 'A Solana address is 32 bytes in base58.')
  }
  const recentBlockhash = blockhashSource()
  return {
    namespace: 'solana',
    address,
    networks,
    ...(signer.interactive && { interactive: true }),
    refuse: (terms) => refuseTerms(terms, address),
    prepare: (terms, context) => prepareTransfer(signer, recentBlockhash, terms, context),
    signMessage: async (message, signal) => {
      const bytes = new TextEncoder().encode(message)
      const signature = await asked(() => signer.signMessage(bytes, { signal }), signal)
      if (signature.length !== 64 || !(await ed25519Verify(signature, bytes, publicKey))) {
        throw new WalletError(
          'bad_signature',
          'What the signer returned is no signature of the message by the key of its address.',
        )
      }
      return encode64(signature)
    },
    prefetch: async (network, context) => {
      if (assetOf(network) !== undefined) await recentBlockhash(context).catch(() => undefined)
    },
    fate: readFate,
  }
}

async function prepareTransfer(
  signer: RawSigner,
  recentBlockhash: ReturnType<typeof blockhashSource>,
  terms: Terms,
  context: PrepareContext,
): Promise<Prepared> {
  const owner = signer.address
  const asset = assetOf(terms.network)
  const reason = refuseTerms(terms, owner)
  if (asset === undefined || reason !== undefined) {
    throw new WalletError('refused', `Refused to pay: ${reason}.`)
  }
  context.signal?.throwIfAborted()
  const [recent, source, destination] = await Promise.all([
    chooseBlockhash(recentBlockhash, terms, context),
    tokenAccount(owner, asset.address),
    tokenAccount(terms.payTo, asset.address),
  ])
  const transfer: Transfer = {
    feePayer: String(terms.extra.feePayer),
    owner,
    source,
    destination,
    mint: asset.address,
    amount: terms.amount,
    decimals: asset.decimals,
    memo: typeof terms.extra.memo === 'string' ? terms.extra.memo : randomMemo(),
    blockhash: recent.blockhash,
  }
  if ([source, destination].includes(transfer.feePayer)) {
    throw new WalletError('refused', 'Refused to pay: feePayer is one of the token accounts.')
  }
  const evidence = {
    network: terms.network,
    account: source,
    memo: transfer.memo,
    preparedAt: String(Math.floor(context.now)),
    ...recent,
  }
  const unsigned = unsignedTransaction(transferMessage(transfer))
  const summary = await summarize(unsigned, terms.payTo)
  const sign = async () => {
    const on = { network: terms.network, signal: context.signal }
    const signed = await asked(() => signer.signTransaction(unsigned, on), on.signal)
    const signature = encode58(await checkSigned(signed, transfer))
    return { payload: { transaction: encode64(signed) }, evidence: { ...evidence, signature } }
  }
  return { expiresAt: Math.floor(context.now) + LIFETIME_SECONDS, evidence, summary, sign }
}

// Ours is better: only with it can expiry be told by block height. A height the gateway states beside
// its blockhash is never evidence.
async function chooseBlockhash(
  recentBlockhash: ReturnType<typeof blockhashSource>,
  { extra }: Terms,
  context: PrepareContext,
): Promise<{ readonly blockhash: string; readonly [field: string]: string }> {
  const hint = extra.recentBlockhash
  try {
    const own = await recentBlockhash(context)
    if (own !== undefined) {
      return {
        blockhash: own.blockhash,
        slot: String(own.slot),
        lastValidBlockHeight: String(own.lastValidBlockHeight),
      }
    }
  } catch (cause) {
    context.signal?.throwIfAborted()
    if (hint === undefined) throw cause
  }
  if (typeof hint === 'string') return { blockhash: hint }
  throw new WalletError(
    'no_blockhash',
    'A Solana payment needs a recent blockhash, and the offer has none: name an RPC server in `rpc`.',
  )
}

function randomMemo(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16))
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

async function asked(ask: () => Promise<Uint8Array>, signal?: AbortSignal): Promise<Uint8Array> {
  signal?.throwIfAborted()
  try {
    return await ask()
  } catch (cause) {
    signal?.throwIfAborted()
    throw asWalletError(cause)
  }
}
