import { fromLittleEndian } from './curve'
import { networks } from './networks'
import { TOKEN } from './programs'
import { readTransaction } from './readTransaction'
import { tokenAccount } from './tokenAccount'
import { WalletError } from './WalletError'
import type { TransferSummary } from './wallet'

/**
 * What a signature over this transaction would do, read from its bytes. They name the token account that
 * is paid, so the owner it should belong to has to be given: it is checked. Throws `WalletError`
 * `refused` if it does anything but transfer USDC once, from its signer to that owner.
 */
export async function summarize(wire: Uint8Array, payTo: string): Promise<TransferSummary> {
  const calls = readTransaction(wire).instructions.filter(({ program }) => program === TOKEN)
  const [{ accounts, data } = { accounts: [], data: new Uint8Array() }] = calls
  const [source, mint = '', destination, from = ''] = accounts
  const known = Object.entries(networks).find(([, { address }]) => address === mint)
  // TokenInstruction::TransferChecked { amount: u64, decimals: u8 }.
  const isTransfer = calls.length === 1 && data.length === 10 && data[0] === 12
  if (known === undefined || !isTransfer) throw refused()
  if (source !== (await tokenAccount(from, mint))) throw refused()
  if (destination !== (await tokenAccount(payTo, mint))) throw refused()
  const amount = fromLittleEndian(data.subarray(1, 9))
  return { network: known[0], asset: mint, amount, payTo, from }
}

const refused = () =>
  new WalletError('refused', 'What is to be signed is no transfer of USDC to that address.')
