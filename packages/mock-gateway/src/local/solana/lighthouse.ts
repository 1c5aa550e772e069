import { address } from '@solana/kit'
import type { LiteSVM } from 'litesvm'

const LIGHTHOUSE = address('L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95')
const MEMO_PROGRAM = address('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr')
/** Where the header of an ELF file tells the address of its first instruction. */
const ENTRY = 24
/** `mov64 r0, 0` and `exit`. */
const SUCCEED = Uint8Array.of(0xb7, 0, 0, 0, 0, 0, 0, 0, 0x95, 0, 0, 0, 0, 0, 0, 0)

/**
 * Puts a program in the place of Lighthouse's, whose guards Phantom adds to what it signs. Here every guard is passed:
 * the program is that of memos, with a first instruction that ends it.
 */
export function addLighthouse(svm: LiteSVM): void {
  const memo = svm.getAccount(MEMO_PROGRAM)
  if (!memo.exists) return
  const program = Buffer.from(memo.data)
  program.set(SUCCEED, Number(program.readBigUInt64LE(ENTRY)))
  svm.addProgram(LIGHTHOUSE, Uint8Array.from(program))
}
