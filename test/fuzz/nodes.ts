import type { Chance } from '../simulation/Chance'
import type { Area, Ended } from './Case'
import { asked, BASE, BASE_USDC, evm, forget, SOLANA, SOLANA_PAY_TO, solana } from './honest'
import { mutateBytes, mutateJson, writeJson } from './mutate'

type Answers = Readonly<Record<string, unknown>>

const VALID_BEFORE = 1_800_000_000
const word = (value: number) => `0x${value.toString(16).padStart(64, '0')}`
const QUANTITIES = ['0x0', '0x2105', '0X2105', '2105', '0x', '0x1g', 8453, `0x${'f'.repeat(65)}`]

/** What EVM nodes say of a payment. */
export const evmNodes: Area = {
  name: 'answer of an EVM node',
  share: 3,
  draw: (chance) => {
    const at = VALID_BEFORE + chance.pick(-1, 0, 1, 1, 1)
    const block = { number: '0x10', timestamp: `0x${at.toString(16)}` }
    const honest: Answers = {
      eth_chainId: '0x2105',
      eth_getBlockByNumber: block,
      eth_call: word(chance.pick(0, 0, 1, 2)),
    }
    const dictionary = {
      eth_chainId: QUANTITIES,
      number: QUANTITIES,
      timestamp: QUANTITIES,
      eth_call: [word(0), word(1), '0x', '0x1', word(1).slice(0, -1), `${word(1)}0`, true],
    }
    const answers = mutateJson(chance, honest, dictionary, chance.pick(0, 1, 1, 2)) as Answers // root stays
    const evidence = {
      network: BASE,
      asset: BASE_USDC,
      from: evm.address,
      nonce: word(7),
      validBefore: String(VALID_BEFORE),
    }
    return caseOf(chance, answers, (fetch) => evm.fate(evidence, { rpc: [NODE], fetch }), told)
    function told(texts: Texts) {
      const used = texts.get('eth_call')
      const chain = texts.get('eth_chainId')
      const known = texts.get('eth_getBlockByNumber')
      if (number(chain) !== 8453n || !isMembers(known)) return 'unknown'
      if (number(known.number) === undefined || !('timestamp' in known)) return 'unknown'
      if (used === word(1)) return 'settled'
      const time = number(known.timestamp) ?? 0n
      return used === word(0) && time > BigInt(VALID_BEFORE) ? 'dead' : 'unknown'
    }
  },
}

const MINE = 'my-signature'

/** What Solana nodes say of a payment. */
export const solanaNodes: Area = {
  name: 'answer of a Solana node',
  share: 3,
  draw: (chance) => {
    const err = chance.pick<unknown>(null, null, { InstructionError: [2, { Custom: 1 }] })
    const entry = { signature: 'tx', slot: 150, blockTime: 1_799_999_990, memo: '[7] order', err }
    const honest: Answers = {
      getGenesisHash: '5eykt4UsFv8P8NJdTREpY1vzqKqZKvdpKuc147dw2N9d',
      getEpochInfo: { absoluteSlot: 1_000, blockHeight: chance.pick(900, 249, 250, 251) },
      getSignaturesForAddress: chance.pick<unknown>([], [], [entry], [{ ...entry, memo: null }]),
      getTransaction: { transaction: { signatures: ['tx', MINE] }, meta: { err } },
      getFirstAvailableBlock: chance.pick(0, 99, 101),
    }
    const dictionary = {
      blockHeight: [251, 250, 900, '900', 1e300, null],
      signatures: [[], ['tx'], [MINE], MINE],
      slot: [99, 100, '150', null],
      err: [null, 'x', {}, undefined],
      memo: [null, 'order', 'other', 7],
      getFirstAvailableBlock: [0, 100, 101, '0', null],
    }
    const answers = mutateJson(chance, honest, dictionary, chance.pick(0, 1, 1, 2)) as Answers // root stays
    const evidence = {
      network: SOLANA,
      account: SOLANA_PAY_TO,
      signature: MINE,
      memo: 'order',
      blockhash: SOLANA_PAY_TO,
      preparedAt: '1799999900',
      slot: '100',
      lastValidBlockHeight: '250',
    }
    return caseOf(chance, answers, (fetch) => solana.fate(evidence, { rpc: [NODE], fetch }), told)

    // Not every answer can be told from here; those that say something must have had grounds for it.
    function told(texts: Texts, said: unknown) {
      const genesis = texts.get('getGenesisHash')
      if (typeof genesis !== 'string' || !genesis.startsWith(SOLANA.slice(7))) return 'unknown'
      const listed = texts.get('getSignaturesForAddress')
      const found = texts.get('getTransaction')
      const isMine =
        isMembers(found) &&
        isMembers(found.transaction) &&
        Array.isArray(found.transaction.signatures) &&
        found.transaction.signatures.includes(MINE) &&
        Array.isArray(listed) &&
        listed.some(mayBeMine)
      const failure = isMembers(found) && isMembers(found.meta) ? found.meta.err : undefined
      if (said === 'settled') return isMine && failure === null ? said : 'unknown'
      if (said !== 'dead') return said
      if (isMine && failure !== null && failure !== undefined) return said
      const epoch = texts.get('getEpochInfo')
      const height = isMembers(epoch) ? epoch.blockHeight : undefined
      const first = texts.get('getFirstAvailableBlock')
      const isKept = typeof first === 'number' && first <= 100
      return typeof height === 'number' &&
        height > 250 &&
        isKept &&
        Array.isArray(listed) &&
        !isMine
        ? said
        : 'unknown'
    }
  },
}

/** An entry that is neither older than the payment nor of another memo. */
function mayBeMine(entry: unknown): boolean {
  if (!isMembers(entry)) return true
  const { slot, memo } = entry
  const isOlder = Number.isSafeInteger(slot) && Number(slot) >= 0 && Number(slot) < 100
  return !isOlder && (typeof memo !== 'string' || memo.includes('order'))
}

const NODE = 'https://node.example/key'

type Texts = { readonly get: (method: string) => unknown }

/** Results by method, as they went over the wire, each now and then changed byte by byte. */
function caseOf(
  chance: Chance,
  answers: Answers,
  ask: (fetch: typeof globalThis.fetch) => Promise<unknown>,
  told: (texts: Texts, said: unknown) => unknown,
) {
  const sent = new Map(
    Object.entries(isMembers(answers) ? answers : {}).map(([method, result]) => {
      const json = writeJson(chance, { jsonrpc: '2.0', id: 1, result })
      const bytes = new TextEncoder().encode(json)
      return [method, chance.happens(0.08) ? mutateBytes(chance, bytes) : bytes]
    }),
  )
  const fetch: typeof globalThis.fetch = async (_, init) => {
    const { method } = JSON.parse(String(init?.body))
    return new Response(Buffer.from(sent.get(method) ?? []))
  }
  const texts = {
    get: (method: string) => {
      try {
        const value: unknown = JSON.parse(new TextDecoder().decode(sent.get(method)))
        return typeof value === 'object' && value !== null
          ? (Reflect.get(value, 'result') as unknown)
          : undefined
      } catch {
        return undefined
      }
    },
  }
  let said: unknown
  return {
    shown: Object.fromEntries(
      [...sent].map(([method, bytes]) => [method, new TextDecoder().decode(bytes)]),
    ),
    conforms: ['settled', 'dead'].some((fate) => told(texts, fate) === fate),
    act: async (): Promise<Ended> => {
      forget()
      said = await ask(fetch)
      return { outcome: String(said), signatures: asked.transfers.length }
    },
    judge: ({ signatures }: Ended) => {
      const faults: string[] = []
      const expected = told(texts, said)
      if (said !== expected) faults.push(`says ${said}, not ${expected}`)
      if (signatures > 0) faults.push('signed while asking')
      return faults
    },
  }
}

function isMembers(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function number(value: unknown): bigint | undefined {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{1,64}$/.test(value)
    ? BigInt(value)
    : undefined
}
