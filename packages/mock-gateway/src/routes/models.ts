import { listModels } from '../models/catalogue'

const CREATED = 1_735_689_600

/** `GET /v1/models`: the price list; prices are dollars per token, as strings. */
export function models(): Response {
  return Response.json({
    data: listModels().map(({ id, name, description, contextLength, pricing }) => ({
      id,
      canonical_slug: id,
      name,
      object: 'model',
      created: CREATED,
      owned_by: id.split('/')[0],
      description,
      context_length: contextLength,
      architecture: {
        input_modalities: ['text'],
        output_modalities: ['text'],
        tokenizer: 'Other',
      },
      pricing: { ...pricing, request: '0', image: '0' },
      top_provider: { context_length: contextLength, is_moderated: false },
      per_request_limits: null,
      supported_parameters: ['max_tokens', 'temperature', 'stream'],
      default_parameters: {},
      expiration_date: null,
    })),
  })
}
