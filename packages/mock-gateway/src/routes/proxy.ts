import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import { GatewayError } from '../http/GatewayError'
import { readText } from '../http/readBody'
import { jsonResponse } from '../jsonResponse'
import { providers } from '../models/catalogue'
import { charge } from '../models/charge'
import { tokenize } from '../models/tokens'
import { serve } from './serve'

/** `/{provider}/{path}`: says what a provider would have been asked. */
export function proxy(gateway: Gateway, exchange: Exchange, provider: string): Promise<Response> {
  if (!providers.includes(provider)) {
    throw new GatewayError(404, 'invalid_request_error', 'there is no such provider')
  }
  const { request, url } = exchange
  return serve(gateway, exchange, async () => {
    const body = await readText(request)
    const path = url.pathname.slice(provider.length + 2)
    const query = Object.fromEntries([...url.searchParams].filter(([name]) => name !== 'key'))
    const model = {
      id: `${provider}/${path}`,
      name: 'Proxy',
      description: 'What a provider is asked.',
      contextLength: 0,
      pricing: { prompt: '0.000001', completion: '0.000002' },
      speaks: 'echo',
      does: 'chat',
    } as const
    return {
      model,
      answer: (payer) => {
        const prompt = tokenize(path).length + tokenize(body).length
        charge(gateway, exchange, payer, model, { prompt, completion: 0 })
        const { method } = request
        const type = request.headers.get('content-type')
        return jsonResponse(gateway, exchange, { provider, method, path, query, type, body })
      },
    }
  })
}
