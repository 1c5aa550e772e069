import type { Exchange } from './Exchange'
import type { Gateway } from './Gateway'
import { errorResponse } from './http/errorResponse'
import { readJsonBody } from './http/readBody'
import { providers } from './models/catalogue'
import { type AppFetch, createOrigin } from './origin'
import { answerChat } from './routes/answerChat'
import { speech, transcribe } from './routes/audio'
import { balance } from './routes/balance'
import { embeddings } from './routes/embeddings'
import { geminiModels, generateContent } from './routes/gemini'
import { generation } from './routes/generation'
import { createKey, deleteKey, listKeys, ownKey, updateKey } from './routes/keys'
import { messages } from './routes/messages'
import { minimax } from './routes/minimax'
import { models } from './routes/models'
import { proxy } from './routes/proxy'
import { signIn } from './routes/signIn'
import { transactions } from './routes/transactions'
import { usageSummary, usageTimeSeries } from './routes/usage'
import { x402Chat } from './routes/x402Chat'
import type { GatewayState } from './state'
import { authenticate, credentialOf } from './tenants/authenticate'

/** The routes of ARouter. */
export function createApp(gateway: Gateway, state: GatewayState): AppFetch {
  const { route, fetch } = createOrigin(gateway, state, { isAsked, isSold, refusal: errorResponse })
  const openToAll = async (exchange: Exchange) => {
    const credential = credentialOf(exchange.request, exchange.url)
    if (credential) await authenticate(credential, gateway)
  }
  route('GET', '/v1/models', async (exchange) => {
    await openToAll(exchange)
    return models(exchange)
  })
  route('GET', '/v1beta/models', async (exchange) => {
    await openToAll(exchange)
    return geminiModels()
  })
  route('POST', '/v1/chat/completions', (exchange) =>
    answerChat(gateway, exchange, () => readJsonBody(exchange.request)),
  )
  route('GET', '/v1/x402/chat', (exchange) => x402Chat(gateway, exchange))
  if (gateway.config.signIn === 'on') {
    route('POST', '/v1/x402/auth', (exchange) => signIn(gateway, exchange))
  }
  route('POST', '/v1/embeddings', (exchange) => embeddings(gateway, exchange))
  route('POST', '/v1/audio/transcriptions', (exchange) =>
    transcribe(gateway, exchange, 'transcribe'),
  )
  route('POST', '/v1/audio/translations', (exchange) => transcribe(gateway, exchange, 'translate'))
  route('POST', '/v1/audio/speech', (exchange) => speech(gateway, exchange))
  route('POST', '/v1/text/chatcompletion_v2', (exchange) => minimax(gateway, exchange))
  route('POST', '/v1/messages', (exchange) => messages(gateway, exchange))
  route('POST', '/v1beta/models/:target{.+}', (exchange, param) =>
    generateContent(gateway, exchange, param('target')),
  )
  route('GET', '/v1/key', (exchange) => ownKey(gateway, exchange))
  route('POST', '/api/v1/keys', (exchange) => createKey(gateway, exchange))
  route('GET', '/api/v1/keys', (exchange) => listKeys(gateway, exchange))
  route('PATCH', '/api/v1/keys/:hash', (exchange, param) =>
    updateKey(gateway, exchange, param('hash')),
  )
  route('DELETE', '/api/v1/keys/:hash', (exchange, param) =>
    deleteKey(gateway, exchange, param('hash')),
  )
  route('GET', '/api/v1/balance', (exchange) => balance(gateway, exchange))
  for (const path of ['/api/v1/transactions', '/v1/billing/transactions']) {
    route('GET', path, (exchange) => transactions(gateway, exchange))
  }
  route('GET', '/api/v1/generation', (exchange) => generation(gateway, exchange))
  route('GET', '/api/usage/summary', (exchange) => usageSummary(gateway, exchange))
  route('GET', '/api/usage/timeseries', (exchange) => usageTimeSeries(gateway, exchange))
  for (const provider of providers) {
    route('ALL', `/${provider}/*`, (exchange) => proxy(gateway, exchange, provider))
  }
  return fetch
}

const ASKED = ['v1', 'v1beta', ...providers]

/** Whether a path is one that models are asked at, or that belongs to it. */
function isAsked(path: string): boolean {
  return ASKED.includes(path.slice(1, path.indexOf('/', 1)))
}

/** What is about an account is told, not sold. */
function isSold(path: string): boolean {
  return !/^\/(?:api|healthz)(?:\/|$)/.test(path)
}
