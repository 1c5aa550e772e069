import { evmSigner, type TransferTypedData } from '@arouter/x402-evm'
import { verify } from '@arouter/x402-evm/verify'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import type { Chance } from '../simulation/Chance'
import type { Area, Case } from './Case'
import { asked, evmOffer } from './honest'
import { mutateBytes, mutateText } from './mutate'
import { caseOf, ready } from './walletCase'

const mine = privateKeyToAccount(generatePrivateKey())
const theirs = privateKeyToAccount(generatePrivateKey())
const STRANGER = theirs.address

let answer = (_: TransferTypedData): unknown => undefined
const wallet = evmSigner(
  {
    address: mine.address,
    signTypedData: async (typedData) => {
      asked.transfers.push(typedData)
      return answer(typedData) as string // what a wallet returns may be anything
    },
    signMessage: async () => '0x',
  },
  { verify },
)
const readied = await ready(wallet, evmOffer)
const { prepared } = readied

/** What it is asked to sign is the same each time: it was prepared once. */
const ASKED = await new Promise<TransferTypedData>((resolve) => {
  answer = resolve
  prepared.sign().catch(() => undefined)
})
const ORIGINAL = structuredClone(ASKED)
const GENUINE = await mine.signTypedData(structuredClone(ASKED))
answer = () => GENUINE
const { authorization } = (await prepared.sign()).payload

/** What an EVM wallet may return in the place of the signature it was asked for. */
export const evmAnswers: Area = {
  name: 'answer of an EVM wallet',
  share: 5,
  draw: (chance) => (chance.happens(0.3) ? somethingElse(chance) : someText(chance)),
}

/** A good signature of the wallet, over something else; or of another wallet. */
function somethingElse(chance: Chance): Case {
  const { shown, sign } = chance.pick(ofOtherTerms, ofOtherTerms, ofOtherType, ofOtherKind)(chance)
  return answering(chance, shown, undefined, sign)
}

type Signing = { readonly shown: unknown; readonly sign: typeof answer }

function ofOtherTerms(chance: Chance): Signing {
  const more = chance.pick(1n, -1n, 60n, 1_000_000n, 2n ** 40n)
  const { value, validBefore } = ORIGINAL.message
  const message = chance.pick<object>(
    { to: STRANGER },
    { from: STRANGER },
    { value: value + (more > -value ? more : 1n) },
    { value: 2n ** 256n - 1n },
    { validBefore: validBefore + more },
    { validBefore: 2n ** 256n - 1n },
    { validAfter: 1n },
    { nonce: `0x${chance.between(1, 1e9).toString(16).padStart(64, '0')}` },
    { to: STRANGER, value: value * 5n },
  )
  const domain = { ...ORIGINAL.domain, ...otherDomain(chance) }
  const place = chance.between(0, 2)
  if (place === 0) return { shown: { domain }, sign: (asked) => signOf({ ...asked, domain }) }
  const sign = (asked: TransferTypedData) => {
    if (place === 1) return signOf({ ...asked, message: { ...asked.message, ...message } })
    Object.assign(asked.message, message) // In place: what it was asked for is not what it was.
    return signOf(asked)
  }
  return { shown: { message, place }, sign }
}

function otherDomain(chance: Chance): object {
  return chance.pick<object>(
    { name: 'USDC' },
    { name: 'Permit2' },
    { version: '1' },
    { chainId: 1 },
    { chainId: 84_532 },
    { verifyingContract: STRANGER },
    { salt: `0x${'1'.repeat(64)}` },
  )
}

function ofOtherType(chance: Chance): Signing {
  const fields = ORIGINAL.types.TransferWithAuthorization
  const [primaryType, used] = chance.pick<readonly [string, readonly object[]]>(
    ['ReceiveWithAuthorization', fields],
    ['CancelAuthorization', fields.slice(-1)],
    ['TransferWithAuthorization', fields.toReversed()],
    ['TransferWithAuthorization', fields.slice(0, 5)],
    [
      'Permit',
      [
        { name: 'from', type: 'address' },
        { name: 'value', type: 'uint256' },
      ],
    ],
  )
  const types = { [primaryType]: used }
  return { shown: { types }, sign: (asked) => signOf({ ...asked, types, primaryType }) }
}

function ofOtherKind(chance: Chance): Signing {
  const message = JSON.stringify(ORIGINAL.domain)
  const hash = `0x${chance.between(1, 1e9).toString(16).padStart(64, '0')}` as const
  return chance.pick<Signing>(
    { shown: 'another key', sign: (asked) => theirs.signTypedData(asked) },
    { shown: 'a message', sign: () => mine.signMessage({ message }) },
    { shown: { hash }, sign: () => mine.sign({ hash }) },
  )
}

/** Typed data of whatever kind, signed with the wallet's own key. */
const signOf = (typedData: object): Promise<string> =>
  mine.signTypedData(typedData as unknown as TransferTypedData)

/** The signature, changed; or nothing like one. */
function someText(chance: Chance): Case {
  const returned = drawText(chance)
  const signature = approved(returned)
  const shown = returned instanceof Error ? returned.message : { returned }
  return answering(chance, shown, signature, () => {
    if (returned instanceof Error) throw returned
    return returned
  })
}

const ORDER = 0xfffffffffffffffffffffffffffffffebaaedce6af48a03bbfd25e8cd0364141n
const word = (value: bigint) => value.toString(16).padStart(64, '0')

function drawText(chance: Chance): unknown {
  const bytes = Buffer.from(GENUINE.slice(2), 'hex')
  const [r, s, v = 0] = [GENUINE.slice(2, 66), GENUINE.slice(66, 130), bytes[64]]
  const hexOf = (all: Uint8Array) => `0x${Buffer.from(all).toString('hex')}`
  const withV = (other: number) => `0x${r}${s}${other.toString(16).padStart(2, '0')}`
  const number = () => chance.pick(0n, 1n, ORDER - 1n, ORDER, ORDER / 2n, 2n ** 256n - 1n)
  return chance.pick<() => unknown>(
    () => GENUINE,
    () => withV(v - 27),
    () => withV(chance.between(0, 255)),
    () => `0x${GENUINE.slice(2).toUpperCase()}`,
    () => hexOf(mutateBytes(chance, bytes)),
    () => hexOf(mutateBytes(chance, bytes)),
    () => hexOf(mutateBytes(chance, bytes)),
    () => hexOf(mutateBytes(chance, bytes)),
    () => mutateText(chance, GENUINE),
    () => mutateText(chance, GENUINE),
    () => mutateText(chance, mutateText(chance, GENUINE)),
    // The other solution for the same key (EIP-2), the halves swapped, and the short form (EIP-2098).
    () => `0x${r}${word(ORDER - BigInt(`0x${s}`))}${(55 - v).toString(16)}`,
    () => `0x${s}${r}${v.toString(16)}`,
    () => `0x${r}${word(BigInt(`0x${s}`) | (BigInt(v - 27) << 255n))}`,
    () => `0x${word(number())}${s}${v.toString(16)}`,
    () => `0x${r}${word(number())}${v.toString(16)}`,
    // As contract accounts sign: only the chain can check them.
    () => `${GENUINE}${'ab'.repeat(chance.between(1, 200))}`,
    () => `${GENUINE}${'6492'.repeat(16)}`,
    () => chance.pick<unknown>(undefined, null, 42, true, [GENUINE], { signature: GENUINE }, bytes),
    () => new Error('unplugged'),
    () => Object.assign(new Error('no'), { code: 4001 }),
  )()
}

/** What is to be sent of what a wallet returned, by rules of this test; undefined for nothing. */
function approved(returned: unknown): string | undefined {
  if (typeof returned !== 'string' || !/^0x([0-9a-fA-F]{2})*$/.test(returned)) return undefined
  const bytes = Buffer.from(returned.slice(2), 'hex')
  if (bytes.length > 65) return returned
  const genuine = Buffer.from(GENUINE.slice(2), 'hex')
  const [v, wanted = 0] = [bytes[64], genuine[64]]
  if (v === undefined || !bytes.subarray(0, 64).equals(genuine.subarray(0, 64))) return undefined
  if (v === wanted) return returned
  return v === wanted - 27 ? `${returned.slice(0, 130)}${wanted.toString(16)}` : undefined
}

function answering(
  chance: Chance,
  shown: unknown,
  signature: string | undefined,
  sign: typeof answer,
): Case {
  const payload = signature === undefined ? undefined : { signature, authorization }
  const drawn = caseOf(chance, shown, readied, payload)
  const act = async () => {
    answer = sign
    try {
      return await drawn.act()
    } finally {
      Object.assign(ASKED.message, ORIGINAL.message)
    }
  }
  return { ...drawn, act }
}
