import type { Exchange } from '../Exchange'
import { spoilEvents } from '../faults/spoilEvents'
import type { Gateway } from '../Gateway'
import type { Principal } from '../tenants/authenticate'
import type { Model } from './catalogue'
import { charge, generationId, priceOf } from './charge'
import type { ChatRequest } from './chatRequest'
import type { TokenCounts } from './cost'
import type { Speech } from './speak'
import { speak } from './speak'
import { speakInSteps } from './speakInSteps'
import { sseStream } from './sseStream'
import { callId } from './tools'
import { usageOf } from './usage'

/** The answer as server-sent events; charged when it ends or the client goes away. */
export function streamAnswer(
  gateway: Gateway,
  exchange: Exchange,
  payer: Principal,
  request: ChatRequest,
): Response {
  const speech = speak(request)
  const progress = { said: 0 }
  const events = chunks(gateway, exchange, request, speech, progress)
  return eventResponse(gateway, exchange, payer, request.model, events, () => ({
    prompt: speech.promptTokens,
    completion: progress.said,
  }))
}

/** Server-sent events, unless a fault spoils them; charged for the tokens so far when they end. */
export function eventResponse(
  gateway: Gateway,
  exchange: Exchange,
  payer: Principal,
  model: Model,
  events: AsyncGenerator<string>,
  tokens: () => TokenCounts,
): Response {
  const fault = gateway.faults.take('stream', exchange)
  const stream = sseStream(
    fault ? spoilEvents(events, fault, exchange.connection) : events,
    (how) => {
      charge(gateway, exchange, payer, model, tokens())
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
    id: generationId(exchange),
    object: 'chat.completion.chunk',
    created: Math.floor(gateway.clock.now() / 1000),
    model: request.model.id,
  }
  const chunk = (delta: object, finish: string | null) =>
    event({ ...shared, choices: [{ index: 0, delta, finish_reason: finish }] })

  const { tokens: text, calls } = speech
  yield chunk({ role: 'assistant', content: calls.length === 0 ? '' : null }, null)
  for await (const content of speakInSteps(gateway, text, progress)) {
    yield chunk({ content }, null)
  }
  for (const [index, { name, pieces }] of calls.entries()) {
    const id = callId('call', exchange, index)
    const start = { index, id, type: 'function', function: { name, arguments: '' } }
    yield chunk({ tool_calls: [start] }, null)
    for await (const piece of speakInSteps(gateway, pieces, progress)) {
      yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] }, null)
    }
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
