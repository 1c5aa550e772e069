import { setTimeout as sleep } from 'node:timers/promises'
import type { Exchange } from '../Exchange'
import { spoilEvents } from '../faults/spoilEvents'
import type { Gateway } from '../Gateway'
import type { Tenant } from '../tenants/tenants'
import { charge, priceOf } from './charge'
import type { ChatRequest } from './chatRequest'
import type { Speech } from './speak'
import { speak } from './speak'
import { sseStream } from './sseStream'
import { usageOf } from './usage'

/** The answer as server-sent events; charged when it ends or the client goes away. */
export function streamAnswer(
  gateway: Gateway,
  exchange: Exchange,
  tenant: Tenant,
  request: ChatRequest,
): Response {
  const speech = speak(request)
  const progress = { said: 0 }
  const events = chunks(gateway, exchange, request, speech, progress)
  const fault = gateway.faults.take('stream', exchange)
  const stream = sseStream(
    fault ? spoilEvents(events, fault, exchange.connection) : events,
    (how) => {
      const tokens = { prompt: speech.promptTokens, completion: progress.said }
      charge(gateway, exchange, tenant, priceOf(gateway, request.model, tokens))
      if (how === 'abandoned') gateway.journal.streamAborted()
    },
  )
  return new Response(stream, {
    headers: { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' },
  })
}

async function* chunks(
  gateway: Gateway,
  exchange: Exchange,
  request: ChatRequest,
  speech: Speech,
  progress: { said: number },
): AsyncGenerator<string> {
  const shared = {
    id: `chatcmpl-${exchange.id}`,
    object: 'chat.completion.chunk',
    created: Math.floor(gateway.clock.now() / 1000),
    model: request.model.id,
  }
  const chunk = (delta: object, finish: string | null) =>
    event({ ...shared, choices: [{ index: 0, delta, finish_reason: finish }] })

  yield chunk({ role: 'assistant', content: '' }, null)
  for (const content of speech.tokens) {
    if (gateway.config.chunkDelay > 0) await sleep(gateway.config.chunkDelay)
    progress.said += 1
    yield chunk({ content }, null)
  }
  yield chunk({}, speech.finishReason)
  if (request.stream === 'with-usage') {
    const tokens = { prompt: speech.promptTokens, completion: progress.said }
    const usage = usageOf(tokens, priceOf(gateway, request.model, tokens))
    yield event({ ...shared, choices: [], usage })
  }
  yield 'data: [DONE]\n\n'
}

function event(value: unknown): string {
  return `data: ${JSON.stringify(value)}\n\n`
}
