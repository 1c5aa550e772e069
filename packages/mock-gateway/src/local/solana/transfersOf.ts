import type { LocalTransfer } from '../LocalNode'
import type { Landed } from './bank'
import { readTokenAccount, TOKEN_PROGRAM } from './tokens'

/** First bytes of instructions of the token program. */
const TRANSFER = 3
const TRANSFER_CHECKED = 12

/** The transfers of a mint that a transaction made, its programs' own included: from owner to owner. */
export function transfersOf(landed: Landed, mint: string): readonly LocalTransfer[] {
  const { wire, execution, before, after, slot } = landed
  if (execution.err !== null) return []
  const ownerOf = (index: number | undefined) => {
    if (index === undefined) return undefined
    const held = readTokenAccount(after[index]) ?? readTokenAccount(before[index])
    return held?.mint === mint ? held.owner : undefined
  }
  const called = wire.message.instructions.flatMap((outer, index) => [
    {
      program: outer.programAddressIndex,
      accounts: outer.accountIndices ?? [],
      data: outer.data ?? new Uint8Array(),
    },
    ...execution.inner
      .filter((inner) => inner.index === index)
      .map(({ programIdIndex, accounts, data }) => ({ program: programIdIndex, accounts, data })),
  ])
  return called.flatMap(({ program, accounts, data }) => {
    const [kind] = data
    if (wire.accounts[program] !== TOKEN_PROGRAM) return []
    if (kind !== TRANSFER && kind !== TRANSFER_CHECKED) return []
    const from = ownerOf(accounts[0])
    const to = ownerOf(accounts[kind === TRANSFER ? 1 : 2])
    if (from === undefined || to === undefined) return []
    const amount = Buffer.from(data).readBigUInt64LE(1)
    return [{ transaction: wire.id, from, to, amount, height: slot }]
  })
}
