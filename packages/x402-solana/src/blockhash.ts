import { read32 } from './bytes'
import { callRpc } from './callRpc'
import { WalletError } from './WalletError'
import type { ChainContext } from './wallet'

/** A blockhash and, where an RPC server of ours gave it, from when to when it can be used. */
export type Blockhash = {
  readonly blockhash: string
  readonly slot: number
  readonly lastValidBlockHeight: number
}

const FRESH_MS = 20_000

/** A source of recent blockhashes that asks each RPC server once per 20 seconds, whoever asks. */
export function blockhashSource() {
  const flights = new Map<string, { readonly at: number; readonly answer: Promise<Blockhash> }>()

  function ask(url: string, fetch: ChainContext['fetch']): Promise<Blockhash> {
    const flight = flights.get(url)
    const age = Date.now() - (flight?.at ?? 0)
    if (flight !== undefined && age >= 0 && age < FRESH_MS) return flight.answer
    // No signal: the flight is shared, and one caller's abort must not end it for the others.
    const answer = latestBlockhash(url, fetch)
    const entry = { at: Date.now(), answer }
    flights.set(url, entry)
    answer.catch(() => {
      if (flights.get(url) === entry) flights.delete(url)
    })
    return answer
  }

  /** Asks the servers in turn. Throws what the last one failed with; undefined if there are none. */
  return async ({ rpc, fetch, signal }: ChainContext): Promise<Blockhash | undefined> => {
    let failure: { readonly cause: unknown } | undefined
    for (const url of rpc) {
      signal?.throwIfAborted()
      try {
        return await withSignal(ask(url, fetch), signal)
      } catch (cause) {
        signal?.throwIfAborted()
        failure = { cause }
      }
    }
    if (failure !== undefined) throw failure.cause
    return undefined
  }
}

async function latestBlockhash(url: string, fetch: ChainContext['fetch']): Promise<Blockhash> {
  const params = [{ commitment: 'confirmed' }]
  const answer = await callRpc(url, 'getLatestBlockhash', params, { fetch })
  const value = field(answer, 'value')
  const blockhash = field(value, 'blockhash')
  const lastValidBlockHeight = field(value, 'lastValidBlockHeight')
  const slot = field(field(answer, 'context'), 'slot')
  if (
    typeof blockhash !== 'string' ||
    read32(blockhash) === undefined ||
    !isCount(lastValidBlockHeight) ||
    !isCount(slot)
  ) {
    throw new WalletError('rpc_failed', 'The RPC server gave a malformed answer.')
  }
  return { blockhash, slot, lastValidBlockHeight }
}

function withSignal<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return promise
  return new Promise((resolve, reject) => {
    const abort = () => reject(signal.reason)
    signal.addEventListener('abort', abort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** A field of something that may be no object at all. */
export function field(value: unknown, key: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, key) : undefined
}

/** A slot, a height or a time: a whole number from zero. */
export function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}
