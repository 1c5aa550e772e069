/** A model of the price list. Everything it says is made here, from its input alone. */
export interface Model {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly contextLength: number
  /** US dollars per token, as the decimal strings of the price list. */
  readonly pricing: { readonly prompt: string; readonly completion: string }
  readonly speaks: 'canned' | 'echo' | 'long'
  /** What it is asked for. */
  readonly does: 'chat' | 'embed' | 'transcribe' | 'speak'
}

const models: readonly Model[] = [
  {
    id: 'openai/gpt-4o',
    name: 'GPT-4o (offline)',
    description: 'A fixed sentence about its input, at the price of a large model.',
    contextLength: 128_000,
    pricing: { prompt: '0.0000025', completion: '0.00001' },
    speaks: 'canned',
    does: 'chat',
  },
  {
    id: 'openai/gpt-4o-mini',
    name: 'GPT-4o mini (offline)',
    description: 'A fixed sentence about its input, at the price of a small model.',
    contextLength: 128_000,
    pricing: { prompt: '0.00000015', completion: '0.0000006' },
    speaks: 'canned',
    does: 'chat',
  },
  {
    id: 'arouter/echo',
    name: 'Echo',
    description: 'Says the last user message back.',
    contextLength: 128_000,
    pricing: { prompt: '0.000001', completion: '0.000002' },
    speaks: 'echo',
    does: 'chat',
  },
  {
    id: 'arouter/echo:free',
    name: 'Echo (free)',
    description: 'Says the last user message back and charges nothing.',
    contextLength: 128_000,
    pricing: { prompt: '0', completion: '0' },
    speaks: 'echo',
    does: 'chat',
  },
  {
    id: 'arouter/long',
    name: 'Long',
    description: 'Counts up to max_tokens (default 256), one token per streamed event.',
    contextLength: 128_000,
    pricing: { prompt: '0.000001', completion: '0.000002' },
    speaks: 'long',
    does: 'chat',
  },
  {
    id: 'anthropic/claude-sonnet-4',
    name: 'Claude Sonnet 4 (offline)',
    description: 'A fixed sentence about its input.',
    contextLength: 128_000,
    pricing: { prompt: '0.000003', completion: '0.000015' },
    speaks: 'canned',
    does: 'chat',
  },
  {
    id: 'google/gemini-2.5-flash',
    name: 'Gemini 2.5 Flash (offline)',
    description: 'A fixed sentence about its input.',
    contextLength: 128_000,
    pricing: { prompt: '0.0000003', completion: '0.0000025' },
    speaks: 'canned',
    does: 'chat',
  },
  {
    id: 'minimax/minimax-m1',
    name: 'MiniMax M1 (offline)',
    description: 'A fixed sentence about its input.',
    contextLength: 128_000,
    pricing: { prompt: '0.0000004', completion: '0.0000022' },
    speaks: 'canned',
    does: 'chat',
  },
  {
    id: 'openai/text-embedding-3-small',
    name: 'Embedding 3 small (offline)',
    description: 'A vector that its input alone decides.',
    contextLength: 128_000,
    pricing: { prompt: '0.00000002', completion: '0' },
    speaks: 'canned',
    does: 'embed',
  },
  {
    id: 'openai/whisper-1',
    name: 'Whisper (offline)',
    description: 'A sentence about the recording.',
    contextLength: 128_000,
    pricing: { prompt: '0.0000025', completion: '0.00001' },
    speaks: 'canned',
    does: 'transcribe',
  },
  {
    id: 'openai/tts-1',
    name: 'TTS (offline)',
    description: 'Silence as long as its input.',
    contextLength: 128_000,
    pricing: { prompt: '0.000015', completion: '0' },
    speaks: 'canned',
    does: 'speak',
  },
]

/** The whole price list. */
export function listModels(): readonly Model[] {
  return models
}

/** Suffixes that choose how a model is reached, not which. */
const ROUTES = /:(?:online|nitro|floor)$/

/** The model of that id that `does` what is wanted; an id without a prefix means `provider`'s. */
export function findModel(
  id: string,
  does: Model['does'] = 'chat',
  provider = 'openai',
): Model | undefined {
  const wanted = models.filter((model) => model.does === does)
  if (id === 'auto') return wanted.find(({ speaks }) => speaks === 'echo')
  const base = id.replace(ROUTES, '')
  const full = base.includes('/') ? base : `${provider}/${base}`
  return wanted.find((model) => model.id === full)
}

/** Who is asked for a model. */
export function providerOf({ id }: Model): string {
  return id.split('/')[0] ?? ''
}

/** Whether a model charges nothing. */
export function isFree({ pricing }: Model): boolean {
  return pricing.prompt === '0' && pricing.completion === '0'
}

/** All providers, each once. */
export const providers: readonly string[] = [...new Set(models.map(providerOf))]
