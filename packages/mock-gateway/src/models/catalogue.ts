/** A model of the price list. Everything it says is made here, from its input alone. */
export interface Model {
  readonly id: string
  readonly name: string
  readonly description: string
  readonly contextLength: number
  /** US dollars per token, as the decimal strings of the price list. */
  readonly pricing: { readonly prompt: string; readonly completion: string }
  readonly speaks: 'canned' | 'echo' | 'long'
}

const models: readonly Model[] = [
  {
    id: 'openai/gpt-4o',
    name: 'GPT-4o (offline)',
    description: 'A fixed sentence about its input, at the price of a large model.',
    contextLength: 128_000,
    pricing: { prompt: '0.0000025', completion: '0.00001' },
    speaks: 'canned',
  },
  {
    id: 'openai/gpt-4o-mini',
    name: 'GPT-4o mini (offline)',
    description: 'A fixed sentence about its input, at the price of a small model.',
    contextLength: 128_000,
    pricing: { prompt: '0.00000015', completion: '0.0000006' },
    speaks: 'canned',
  },
  {
    id: 'arouter/echo',
    name: 'Echo',
    description: 'Says the last user message back.',
    contextLength: 128_000,
    pricing: { prompt: '0.000001', completion: '0.000002' },
    speaks: 'echo',
  },
  {
    id: 'arouter/echo:free',
    name: 'Echo (free)',
    description: 'Says the last user message back and charges nothing.',
    contextLength: 128_000,
    pricing: { prompt: '0', completion: '0' },
    speaks: 'echo',
  },
  {
    id: 'arouter/long',
    name: 'Long',
    description: 'Counts up to max_tokens (default 256), one token per streamed event.',
    contextLength: 128_000,
    pricing: { prompt: '0.000001', completion: '0.000002' },
    speaks: 'long',
  },
]

/** The whole price list. */
export function listModels(): readonly Model[] {
  return models
}

/** The model of that id; an id without a prefix means OpenAI's. */
export function findModel(id: string): Model | undefined {
  if (id === 'auto') return models.find(({ speaks }) => speaks === 'echo')
  const full = id.includes('/') ? id : `openai/${id}`
  return models.find((model) => model.id === full)
}
