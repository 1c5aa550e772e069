import { generateKeyPairSync, sign, verify } from 'node:crypto'
import { address, getBase58Decoder } from '@solana/kit'
import { createWallet } from '../../packages/x402-solana/src/createWallet'
import type { Chance } from '../simulation/Chance'
import type { Area } from './Case'
import { asked, FEE_PAYER, SOLANA_PAY_TO, SOLANA_USDC, solanaOffer } from './honest'
import { mutateBytes } from './mutate'
import { type Draft, draftOf, encode, insert, type Role, renumber, spelt } from './solanaMessage'
import { caseOf, ready } from './walletCase'

const SYSTEM = '11111111111111111111111111111111'
const TOKEN = 'TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA'
const COMPUTE_BUDGET = 'ComputeBudget111111111111111111111111111111'
const MEMO = 'MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr'
const LIGHTHOUSE = 'L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95'
const STRANGER = 'Vote111111111111111111111111111111111111111'
const STRANGERS = [
  STRANGER,
  SYSTEM,
  LIGHTHOUSE,
  SOLANA_PAY_TO,
  'SysvarRecentB1ockHashes11111111111111111111',
]

const mine = generateKeyPairSync('ed25519')
const theirs = generateKeyPairSync('ed25519')
// The last 32 bytes of its SubjectPublicKeyInfo (RFC 8410).
const OWNER = getBase58Decoder().decode(
  mine.publicKey.export({ type: 'spki', format: 'der' }).subarray(-32),
)

let returned: Uint8Array = Buffer.of()
let wire: Uint8Array = Buffer.of()
const wallet = createWallet({
  address: OWNER,
  signTransaction: async (bytes) => {
    wire = Uint8Array.from(bytes)
    asked.transfers.push(wire)
    return returned
  },
  signMessage: async () => new Uint8Array(),
})
const readied = await ready(wallet, solanaOffer)
// What it is asked to sign is the same each time: memo and blockhash are the offer's.
await readied.prepared.sign().catch(() => undefined)
const ASKED = wire.slice(129)
const DRAFT = draftOf(ASKED)

/** What a Solana wallet may return in the place of the payment it was asked to sign. */
export const solanaAnswers: Area = {
  name: 'answer of a Solana wallet',
  share: 95,
  draw: (chance) => {
    const bytes = drawAnswer(chance)
    const transaction = Buffer.from(bytes).toString('base64')
    const drawn = caseOf(
      chance,
      { transaction },
      readied,
      isApproved(bytes) ? { transaction } : undefined,
    )
    const act = () => {
      returned = bytes
      return drawn.act()
    }
    return { ...drawn, act }
  },
}

function drawAnswer(chance: Chance): Uint8Array {
  const draft = structuredClone(DRAFT)
  const times = chance.pick(0, 1, 1, 1, 2, 3)
  for (let i = 0; i < times; i++) change(chance, draft)
  let message = (times > 0 && encode(draft)) || ASKED
  if (chance.happens(0.25)) message = mutateBytes(chance, message)
  if (chance.happens(0.04)) message = Uint8Array.from(misspell(chance, [...message]))
  const answer = signedOf(chance, message, draft.header.numSignerAccounts)
  return chance.happens(0.1) ? mutateBytes(chance, answer) : answer
}

/** Writes another version, or a number of one byte as one of two. */
function misspell(chance: Chance, message: number[]): readonly number[] {
  const at = chance.between(1, message.length)
  const old = message[at] ?? 0
  if (chance.happens(0.2)) message[0] = chance.pick(0x81, 0xff, 0x00, 0x02)
  else message.splice(at, 1, old | 0x80, 0)
  return message
}

function change(chance: Chance, draft: Draft): void {
  const { instructions, staticAccounts, header } = draft
  const at = chance.between(0, Math.max(0, instructions.length - 1))
  const instruction = instructions[at]
  const account = chance.between(0, staticAccounts.length - 1)
  const other = () => STRANGERS[chance.between(0, STRANGERS.length - 1)] ?? STRANGER
  switch (chance.between(0, 14)) {
    case 0: {
      const [moved] = instructions.splice(at, 1)
      if (moved) instructions.splice(chance.between(0, instructions.length), 0, moved)
      return
    }
    case 1:
      instructions.splice(at, 1)
      return
    case 2:
      if (instruction) instructions.splice(chance.between(0, instructions.length), 0, instruction)
      return
    case 3:
    case 4:
      addForeign(chance, draft)
      return
    case 5:
    case 6:
      addGuards(chance, draft, chance.pick(1, 1, 2, 3, 4))
      return
    case 7:
      if (instruction) instruction.data = mutateBytes(chance, instruction.data)
      return
    case 8: {
      // TransferChecked: another amount, as large as it may be or off by one.
      const transfer = instructions[2]
      if (transfer) transfer.data[chance.between(0, 9)] = chance.pick(0, 1, 63, 64, 65, 255)
      return
    }
    case 9:
      if (instruction) {
        const which = chance.between(0, instruction.accountIndices.length)
        instruction.accountIndices.splice(which, chance.pick(0, 1, 1), account)
      }
      return
    case 10:
      if (instruction) instruction.programAddressIndex = account
      return
    case 11:
      staticAccounts[account] = other()
      return
    case 12: {
      const second = chance.between(0, staticAccounts.length - 1)
      const [a = '', b = ''] = [staticAccounts[account], staticAccounts[second]]
      staticAccounts[account] = b
      staticAccounts[second] = a
      // With the instructions as they were: only the roles of the two are others.
      const swapped = new Map([
        [account, second],
        [second, account],
      ])
      if (chance.happens(0.5)) renumber(draft, (index) => swapped.get(index) ?? index)
      return
    }
    case 13: {
      const field = chance.pick(
        'numSignerAccounts',
        'numReadonlySignerAccounts',
        'numReadonlyNonSignerAccounts',
      )
      header[field] = Math.max(0, header[field] + chance.pick(1, -1))
      return
    }
    default:
      if (chance.happens(0.5)) draft.lifetimeToken = other()
      else {
        draft.addressTableLookups.push({
          lookupTableAddress: other(),
          writableIndexes: chance.pick([], [0]),
          readonlyIndexes: chance.pick([], [1]),
        })
      }
  }
}

/** Adds an instruction that has no business in a payment. */
function addForeign(chance: Chance, draft: Draft): void {
  const [fee = '', owner = '', source = '', destination = ''] = draft.staticAccounts
  const all = [255, 255, 255, 255, 255, 255, 255, 255]
  const [program, data, accounts] = chance.pick<
    readonly [string, readonly number[], readonly (readonly [string, Role])[]]
  >(
    // AdvanceNonceAccount and Transfer of the system program.
    [
      SYSTEM,
      [4, 0, 0, 0],
      [
        [STRANGER, 'writable'],
        [owner, 'signer'],
      ],
    ],
    [
      SYSTEM,
      [2, 0, 0, 0, ...all],
      [
        [owner, 'signer'],
        [STRANGER, 'writable'],
      ],
    ],
    [
      SYSTEM,
      [2, 0, 0, 0, ...all],
      [
        [fee, 'signer'],
        [STRANGER, 'writable'],
      ],
    ],
    // Transfer, Approve, SetAuthority, CloseAccount and TransferChecked of the token program.
    [
      TOKEN,
      [3, ...all],
      [
        [source, 'writable'],
        [destination, 'writable'],
        [owner, 'signer'],
      ],
    ],
    [
      TOKEN,
      [4, ...all],
      [
        [source, 'writable'],
        [STRANGER, 'read'],
        [owner, 'signer'],
      ],
    ],
    [
      TOKEN,
      [6, 2, 0],
      [
        [source, 'writable'],
        [owner, 'signer'],
      ],
    ],
    [
      TOKEN,
      [9],
      [
        [source, 'writable'],
        [STRANGER, 'writable'],
        [owner, 'signer'],
      ],
    ],
    [
      TOKEN,
      [12, 1, 0, 0, 0, 0, 0, 0, 0, 6],
      [
        [source, 'writable'],
        [SOLANA_USDC, 'read'],
        [STRANGER, 'writable'],
        [owner, 'signer'],
      ],
    ],
    [COMPUTE_BUDGET, [3, ...all], []],
    [MEMO, [...Buffer.from('and more')], []],
    [STRANGER, [1], [[owner, 'signer']]],
  )
  insert(draft, placeIn(chance, draft), { program, data, accounts })
}

/** Adds guards of Lighthouse: all its instructions but the first two only assert. */
function addGuards(chance: Chance, draft: Draft, times: number): void {
  const [, owner = '', source = ''] = draft.staticAccounts
  const data = chance.pick<readonly number[]>(
    [3, 0, 0],
    [2, 1],
    [9, 9, 9],
    [17, ...new Uint8Array(chance.pick(0, 120, 700, 900))],
    [0, 0, 255],
    [1, 0, 255],
    [],
  )
  const accounts = chance.pick<readonly (readonly [string, Role])[]>(
    [],
    [[source, 'read']],
    [[STRANGER, 'read']],
    [[STRANGER, 'writable']],
    [[owner, 'read']],
    [[STRANGER, 'signer']],
  )
  for (let i = 0; i < times; i++) {
    insert(draft, placeIn(chance, draft), { program: LIGHTHOUSE, data, accounts })
  }
}

function placeIn(chance: Chance, { instructions: { length } }: Draft): number {
  return chance.pick(length, length, 3, 0, chance.between(0, length))
}

/** The wire form of a message with the wallet's signature in it, or with something like it. */
function signedOf(chance: Chance, message: Uint8Array, signers: number): Uint8Array {
  const slots: Uint8Array[] = Array.from(
    { length: Math.min(signers, 20) },
    () => new Uint8Array(64),
  )
  const own = sign(null, message, mine.privateKey)
  const put = (at: number, signature: Uint8Array) => {
    if (at < slots.length) slots[at] = signature
  }
  put(1, own)
  if (chance.happens(0.2)) {
    chance.pick<() => void>(
      () => put(0, own),
      () => put(0, sign(null, message, theirs.privateKey)),
      () => put(1, sign(null, message, theirs.privateKey)),
      () => put(1, sign(null, ASKED, mine.privateKey)),
      () => put(1, sign(null, message.subarray(1), mine.privateKey)),
      () => put(1, Buffer.alloc(64)),
      () => put(1, mutateBytes(chance, own).slice(0, 64)),
      () => slots.reverse(),
      () => slots.pop(),
      () => slots.push(own),
    )()
  }
  return Uint8Array.from([slots.length, ...Buffer.concat(slots), ...message])
}

const AGREED = spelt(DRAFT)
const [SOURCE = '', DESTINATION = ''] = DRAFT.staticAccounts.slice(2, 4)

/** Whether a wallet returned the payment that was approved, with guards at most: by rules of this test. */
function isApproved(bytes: Uint8Array): boolean {
  const message = bytes.slice(129)
  // A packet; two signatures, of which ours is the second.
  if (bytes.length > 1232 || bytes[0] !== 2) return false
  if (!verify(null, message, mine.publicKey, bytes.slice(65, 129))) return false
  let draft: Draft
  try {
    draft = draftOf(message)
  } catch {
    return false
  }
  const { version, header, staticAccounts, lifetimeToken, addressTableLookups } = draft
  if (version !== 0) return false
  const { numReadonlyNonSignerAccounts: reads } = header
  if (header.numSignerAccounts !== 2 || header.numReadonlySignerAccounts !== 1) return false
  if (staticAccounts[0] !== FEE_PAYER || staticAccounts[1] !== OWNER) return false
  const writable = staticAccounts.slice(2, Math.max(2, staticAccounts.length - reads))
  if (writable.toSorted().join() !== [SOURCE, DESTINATION].toSorted().join()) return false
  if (lifetimeToken !== solanaOffer.extra.recentBlockhash) return false
  if (addressTableLookups.length > 0) return false
  const calls = spelt(draft)
  if (calls.length > 7 || calls.some(({ text }) => text.includes('?'))) return false
  const guards = calls.filter(({ program }) => program === address(LIGHTHOUSE))
  if (guards.some(({ data }) => (data[0] ?? 0) < 2)) return false
  const own = calls.filter((call) => !guards.includes(call)).map(({ text }) => text)
  const isSame = own.join(';') === AGREED.map(({ text }) => text).join(';')
  if (!isSame || calls.slice(0, 3).some((call) => guards.includes(call))) return false
  // Only what is written in the one way there is says what it seems to say.
  return Buffer.compare(encode(draft) ?? Buffer.of(), message) === 0
}
