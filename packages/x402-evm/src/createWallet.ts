import { asWalletError } from './asWalletError'
import { checksumAddress } from './checksumAddress'
import { networks } from './networks'
import { readSignature } from './readSignature'
import { assetOf, refuseTerms } from './refuseTerms'
import {
  randomNonce,
  type TransferAuthorization,
  type TransferTypedData,
  transferTypedData,
} from './transferAuthorization'
import { WalletError } from './WalletError'
import type {
  ChainContext,
  Evidence,
  Fate,
  Hex,
  PrepareContext,
  Prepared,
  Terms,
  Wallet,
} from './wallet'

/** What any kind of EVM signer comes down to. */
export type RawSigner = {
  readonly address: string
  /** True where signing asks a person. */
  readonly interactive?: true
  readonly signTypedData: (typedData: TransferTypedData, signal?: AbortSignal) => Promise<unknown>
  readonly signMessage: (message: string, signal?: AbortSignal) => Promise<unknown>
}

/** The one way from a signer to a wallet: nothing else in the package reaches a signer. */
export function createWallet(signer: RawSigner): Wallet {
  const address = checksumAddress(signer.address)
  return {
    namespace: 'eip155',
    address,
    networks,
    ...(signer.interactive && { interactive: true }),
    refuse: (terms) => refuseTerms(terms, address),
    prepare: async (terms, context) => prepareTransfer(signer, address, terms, context),
    signMessage: async (message, signal) =>
      readSignature(await asked(() => signer.signMessage(message, signal), signal)),
    fate,
  }
}

function prepareTransfer(
  signer: RawSigner,
  from: Hex,
  terms: Terms,
  context: PrepareContext,
): Prepared {
  const asset = assetOf(terms.network)
  const reason = refuseTerms(terms, from)
  if (asset === undefined || reason !== undefined) {
    throw new WalletError('refused', `Refused to pay: ${reason}.`)
  }
  context.signal?.throwIfAborted()
  const expiresAt = Math.floor(context.now + context.validity)
  const transfer: TransferAuthorization = {
    from,
    to: checksumAddress(terms.payTo),
    value: terms.amount,
    validAfter: 0n,
    validBefore: BigInt(expiresAt),
    nonce: randomNonce(),
  }
  const authorization = {
    ...transfer,
    value: transfer.value.toString(),
    validAfter: transfer.validAfter.toString(),
    validBefore: transfer.validBefore.toString(),
  }
  const evidence = {
    network: terms.network,
    asset: asset.address,
    from,
    nonce: transfer.nonce,
    validBefore: authorization.validBefore,
  }
  const typedData = transferTypedData(terms.network, asset, transfer)
  const sign = async () => {
    const { signal } = context
    const ask = () => signer.signTypedData(typedData, signal)
    const signature = readSignature(await asked(ask, signal))
    return { payload: { signature, authorization }, evidence }
  }
  return { expiresAt, evidence, sign }
}

async function asked(ask: () => Promise<unknown>, signal?: AbortSignal): Promise<unknown> {
  signal?.throwIfAborted()
  try {
    return await ask()
  } catch (cause) {
    signal?.throwIfAborted()
    throw asWalletError(cause)
  }
}

// Rarely asked, so it is a chunk of its own; one that cannot be loaded cannot ask the chain either.
async function fate(evidence: Evidence, context: ChainContext): Promise<Fate> {
  const loaded = await import('./readFate').catch(() => undefined)
  return loaded ? loaded.readFate(evidence, context) : 'unknown'
}
