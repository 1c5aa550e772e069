import type { Exchange } from '../Exchange'
import { listModels, type Model } from '../models/catalogue'

const CREATED = 1_735_689_600

const MODALITIES = {
  chat: {
    input: ['text'],
    output: 'text',
    parameters: [
      'max_tokens',
      'parallel_tool_calls',
      'response_format',
      'stream',
      'temperature',
      'tool_choice',
      'tools',
    ],
  },
  embed: { input: ['text'], output: 'embeddings', parameters: ['dimensions', 'encoding_format'] },
  transcribe: { input: ['audio'], output: 'text', parameters: ['language', 'response_format'] },
  speak: { input: ['text'], output: 'audio', parameters: ['voice', 'response_format'] },
} as const satisfies Record<Model['does'], unknown>

/** `GET /v1/models`: the price list; prices are dollars per token, as strings. */
export function models({ url }: Exchange): Response {
  const output = url.searchParams.get('output_modalities') ?? 'text'
  const parameter = url.searchParams.get('supported_parameters')
  const wanted = listModels().filter(({ does }) => {
    const { output: has, parameters } = MODALITIES[does]
    const fits = output === 'all' || output.split(',').includes(has)
    return fits && (!parameter || parameters.some((name) => name === parameter))
  })
  return Response.json({
    object: 'list',
    data: wanted.map(({ id, name, description, contextLength, pricing, does }) => ({
      id,
      canonical_slug: id,
      name,
      object: 'model',
      created: CREATED,
      owned_by: id.split('/')[0],
      description,
      context_length: contextLength,
      architecture: {
        input_modalities: MODALITIES[does].input,
        output_modalities: [MODALITIES[does].output],
        tokenizer: 'Other',
      },
      pricing: { ...pricing, request: '0', image: '0' },
      top_provider: { context_length: contextLength, is_moderated: false },
      per_request_limits: null,
      supported_parameters: MODALITIES[does].parameters,
      default_parameters: {},
      expiration_date: null,
    })),
  })
}
