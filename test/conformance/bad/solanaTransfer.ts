import type { Wallets } from '@arouter/mock-gateway/conformance'
import {
  AccountRole,
  type Address,
  appendTransactionMessageInstructions,
  type Blockhash,
  compileTransaction,
  createTransactionMessage,
  getAddressEncoder,
  getBase64EncodedWireTransaction,
  getProgramDerivedAddress,
  type Instruction,
  isAddress,
  pipe,
  setTransactionMessageFeePayer,
  setTransactionMessageLifetimeUsingBlockhash,
} from '@solana/kit'

const SYSTEM = '11111111111111111111111111111111' as Address
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA' as Address
const ASSOCIATED = 'ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL' as Address
const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111' as Address
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr' as Address
const USDC = 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v' as Address
const ANYBODY = 'Vote111111111111111111111111111111111111111' as Address

const LURES = [
  'nonceAccount',
  'instructions',
  'addressLookupTables',
  'delegate',
  'authority',
  'tip',
]

/** Signs what an offer asks for on Solana, as far as it can be made out. Resolves to the wire form. */
export async function solanaTransfer(
  signer: Wallets['solana'],
  offer: Readonly<Record<string, unknown>>,
  amount: bigint,
): Promise<string> {
  const extra = { ...(offer.extra as Readonly<Record<string, unknown>> | undefined) }
  const mint = addressOr(offer.asset, USDC)
  const [source, destination] = await Promise.all([
    tokenAccount(signer.address, mint),
    tokenAccount(addressOr(offer.payTo, ANYBODY), mint),
  ])
  const price = BigInt(String(extra.computeUnitPrice ?? 1))
  const transfer: Instruction = {
    programAddress: TOKEN,
    accounts: [
      { address: source, role: AccountRole.WRITABLE },
      { address: mint, role: AccountRole.READONLY },
      { address: destination, role: AccountRole.WRITABLE },
      { address: signer.address, role: AccountRole.READONLY_SIGNER },
    ],
    data: Uint8Array.of(12, ...little(amount, 8), Number(extra.decimals ?? 6)),
  }
  const memo = typeof extra.memo === 'string' ? extra.memo : crypto.randomUUID()
  const lured = LURES.some((key) => key in extra) || 'transaction' in extra
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (made) => setTransactionMessageFeePayer(feePayerOf(extra.feePayer), made),
    (made) =>
      setTransactionMessageLifetimeUsingBlockhash(
        {
          blockhash: addressOr(extra.recentBlockhash, SYSTEM) as string as Blockhash,
          lastValidBlockHeight: 2n ** 63n,
        },
        made,
      ),
    (made) =>
      appendTransactionMessageInstructions(
        [
          { programAddress: COMPUTE_BUDGET, data: Uint8Array.of(2, ...little(20_000n, 4)) },
          { programAddress: COMPUTE_BUDGET, data: Uint8Array.of(3, ...little(price, 8)) },
          transfer,
          { programAddress: MEMO, data: new TextEncoder().encode(memo) },
          ...(lured ? [{ programAddress: SYSTEM, data: Uint8Array.of(4, 0, 0, 0) }] : []),
        ],
        made,
      ),
  )
  const compiled = compileTransaction(message)
  // biome-ignore lint/suspicious/noExplicitAny: kit brands what this payer does not check
  const [signatures] = await signer.signTransactions([compiled as any])
  return getBase64EncodedWireTransaction({
    ...compiled,
    signatures: { ...compiled.signatures, ...signatures },
  })
}

function addressOr(value: unknown, other: Address): Address {
  const text = String(value).trim()
  return isAddress(text) ? text : other
}

// A program that is called cannot pay.
function feePayerOf(value: unknown): Address {
  const address = addressOr(value, ANYBODY)
  return [TOKEN, COMPUTE_BUDGET, MEMO].includes(address) ? ANYBODY : address
}

async function tokenAccount(owner: Address, mint: Address): Promise<Address> {
  const { encode } = getAddressEncoder()
  const seeds = [encode(owner), encode(TOKEN), encode(mint)]
  const [account] = await getProgramDerivedAddress({ programAddress: ASSOCIATED, seeds })
  return account
}

function little(value: bigint, bytes: number): number[] {
  return Array.from({ length: bytes }, (_, at) => Number((value >> BigInt(8 * at)) & 255n))
}
