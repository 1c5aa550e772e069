import { asWalletError } from './asWalletError'
import { type AskWallet, accountsOf, changed, readChainId } from './eip1193'
import { switchChain } from './switchChain'
import type { Hex } from './wallet'

type Signing = {
  readonly address: Hex
  readonly ask: AskWallet
  /** The chain the signature is for, if it says. */
  readonly chainId: number | undefined
  readonly sign: () => Promise<unknown>
}

/**
 * Has a wallet sign with one account. Throws `WalletError` `account_changed` if that account is not
 * there, or if a person selects another one meanwhile: some wallets sign with whichever is selected.
 */
export async function signAs({ address, ask, chainId, sign }: Signing): Promise<unknown> {
  const selected = await selectedOf(ask, address, 'ask')
  const isThere = chainId === undefined || readChainId(await ask('eth_chainId')) === chainId
  const signature = isThere ? await sign() : await signElsewhere(chainId, ask, sign)
  if ((await selectedOf(ask, address, 'never')) !== selected) throw changed(address)
  return signature
}

// A wallet lists the account that is selected first.
async function selectedOf(ask: AskWallet, address: Hex, connect: 'ask' | 'never') {
  const accounts = await accountsOf(ask, connect)
  if (!accounts.includes(address)) throw changed(address)
  return accounts[0]
}

// A key signs the same on any chain, so most wallets need no switch, and asking for one would be a
// window too many. Those that do need it refuse at once. A contract's signature holds on its chain only.
async function signElsewhere(chainId: number, ask: AskWallet, sign: Signing['sign']) {
  try {
    const signature = await sign()
    if (String(signature).length <= KEY_LENGTH) return signature
  } catch (cause) {
    const { code } = asWalletError(cause)
    if (code !== 'signer_failed' && code !== 'unknown_chain') throw cause
  }
  await switchChain(chainId, ask)
  return sign()
}

/** 0x and 65 bytes: what a key signs. Anything longer is by a contract. */
const KEY_LENGTH = 132
