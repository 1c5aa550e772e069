import { ARouterError, isARouterError } from '../errors'
import { transport } from '../exchange'
import { fromDollars } from '../payment/fromDollars'
import { getBalance } from './account'
import { estimateTokens } from './estimateTokens'
import { listModels, type ModelInfo } from './models'
import type { Connection, RequestOptions } from './request'

/** What a quote is asked for: a chat completion, an embedding or Anthropic's own form. Other fields may be there. */
export type QuoteRequest = {
  readonly model: string
  readonly messages?: unknown
  readonly input?: unknown
  readonly system?: unknown
  readonly tools?: unknown
  readonly max_tokens?: number | null
  readonly max_completion_tokens?: number | null
  readonly n?: number | null
}

/** What a call would cost, by the gateway's list of prices. Amounts are atomic units of USDC. */
export type Quote = {
  /** As the list names it. */
  readonly model: string
  readonly tokens: {
    /** An estimate: some four characters each. Images, sound and files are not counted. */
    readonly prompt: number
    /** The most the answer can have; undefined where neither request nor model sets a limit. */
    readonly completion: number | undefined
  }
  readonly cost: {
    /** With an answer of no length. */
    readonly least: bigint
    /** With the longest answer there can be; undefined where that has no limit. */
    readonly most: bigint | undefined
  }
  /** What is left at the gateway; undefined where it is not told, or a person would have to sign in. */
  readonly credit: bigint | undefined
  /** Whether the call would make a payment: `maybe` where credit is unknown or may not be enough. */
  readonly pays: 'no' | 'maybe' | 'yes'
}

/** What a wallet that pays can be asked. */
export type Purse = { readonly credit: () => Promise<bigint | undefined> }

const PRICES_MS = 300_000
/** Ways to reach a model, which are no part of its name in the list. */
const ROUTE = /:(online|nitro|floor)$/
const USD_PER_TOKEN = /^(\d{1,9})(?:\.(\d{1,18}))?$/
const UNITS = 1_000_000n
const SCALE = 10n ** 18n

const lists = new WeakMap<
  Connection,
  { readonly until: number; readonly models: readonly ModelInfo[] }
>()

/**
 * Estimates what a call would cost and whether it would make a payment. The request is not sent.
 * @throws ARouterError `no_price` where the list has none for the model.
 */
export async function quote(
  connection: Connection,
  purse: Purse | undefined,
  request: QuoteRequest,
  options: RequestOptions = {},
): Promise<Quote> {
  const listed = find(await prices(connection, purse, options), request.model)
  const prompt = listed && priceOf(listed, 'prompt')
  if (!listed || prompt === undefined) throw noPrice(request.model)
  const completion = priceOf(listed, 'completion') ?? 0n
  const { messages, input, system, tools } = request
  const asked = estimateTokens([messages, input, system, tools])
  const answered = completion === 0n ? 0 : longestAnswer(request, listed, asked)
  const least = (priceOf(listed, 'request') ?? 0n) + BigInt(asked) * prompt
  const most = answered === undefined ? undefined : least + BigInt(answered) * completion
  const credit = await creditOf(connection, purse, options)
  const cost = { least: units(least), most: most === undefined ? undefined : units(most) }
  return {
    model: listed.id,
    tokens: { prompt: asked, completion: answered },
    cost,
    credit,
    pays: purse ? paysBy(credit, cost.most) : 'no',
  }
}

// A gateway serves while there is any credit at all, and asks for a payment when there is none.
function paysBy(credit: bigint | undefined, most: bigint | undefined): Quote['pays'] {
  if (credit === undefined) return 'maybe'
  if (credit <= 0n) return 'yes'
  return most !== undefined && most <= credit ? 'no' : 'maybe'
}

async function prices(
  connection: Connection,
  purse: Purse | undefined,
  options: RequestOptions,
): Promise<readonly ModelInfo[]> {
  const now = connection.runtime.now()
  const known = lists.get(connection)
  if (known && now < known.until) return known.models
  // A wallet's layers would pay for the list, should a gateway ask for that.
  const asker = purse ? { ...connection, send: transport(connection.runtime) } : connection
  const { data } = await listModels(asker, { output_modalities: 'all' }, options)
  const models = Array.isArray(data) ? data : []
  lists.set(connection, { until: now + PRICES_MS, models })
  return models
}

async function creditOf(
  connection: Connection,
  purse: Purse | undefined,
  options: RequestOptions,
): Promise<bigint | undefined> {
  if (purse) return purse.credit()
  try {
    return fromDollars((await getBalance(connection, options)).balance)
  } catch (error) {
    // Not every key may ask, and not every gateway tells.
    if (isARouterError(error) && error.statusCode >= 400 && error.statusCode < 500) return undefined
    throw error
  }
}

function find(models: readonly ModelInfo[], name: string): ModelInfo | undefined {
  const bare = name.replace(ROUTE, '')
  // A name without a provider is OpenAI's.
  const ids = [name, bare, bare.includes('/') ? bare : `openai/${bare}`]
  return models.find(
    ({ id, canonical_slug }) => ids.includes(id) || ids.includes(canonical_slug ?? ''),
  )
}

/** A price in parts of {@link SCALE} of a dollar. */
function priceOf({ pricing }: ModelInfo, name: string): bigint | undefined {
  const [, whole, fraction = ''] = USD_PER_TOKEN.exec(pricing?.[name] ?? '') ?? []
  return whole === undefined ? undefined : BigInt(whole + fraction.padEnd(18, '0'))
}

function longestAnswer(
  { max_completion_tokens, max_tokens, n }: QuoteRequest,
  { context_length: context, top_provider: top }: ModelInfo,
  asked: number,
): number | undefined {
  const left = context === undefined ? undefined : Math.max(context - asked, 0)
  const most = max_completion_tokens ?? max_tokens ?? top?.max_completion_tokens ?? left
  const all = (most ?? Number.NaN) * (n ?? 1)
  return Number.isSafeInteger(all) && all >= 0 ? all : undefined
}

function units(scaled: bigint): bigint {
  return (scaled * UNITS + SCALE - 1n) / SCALE
}

function noPrice(model: string): ARouterError {
  return new ARouterError(
    0,
    'no_price',
    `The gateway lists no price for ${model.slice(0, 100)}. Funds moved: no. listModels() has those it lists.`,
  )
}
