import { Hono } from 'hono'
import type { Exchange } from './Exchange'
import { slowDrip } from './faults/slowDrip'
import { strikeOnArrival } from './faults/strikeOnArrival'
import type { Gateway } from './Gateway'
import { Answered } from './http/Answered'
import type { Connection } from './http/Connection'
import { cutOff, silence } from './http/Connection'
import { exposeHeaders, preflightResponse } from './http/cors'
import { errorResponse } from './http/errorResponse'
import { GatewayError } from './http/GatewayError'
import { openExchange } from './http/openExchange'
import { assertBodySize, readJsonBody } from './http/readBody'
import { Unanswered } from './http/Unanswered'
import { providers } from './models/catalogue'
import { assertOwnPage } from './panel/assertOwnPage'
import { panelFile, panelFiles } from './panel/panelFile'
import { addFault, clearFaults, panelState } from './panel/panelRoutes'
import { writeReceipt } from './payments/receiptHeader'
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
import { rpc } from './routes/rpc'
import { signIn } from './routes/signIn'
import { transactions } from './routes/transactions'
import { usageSummary, usageTimeSeries } from './routes/usage'
import { x402Chat } from './routes/x402Chat'
import type { GatewayState } from './state'
import { authenticate, credentialOf } from './tenants/authenticate'

type Env = { Bindings: { connection: Connection }; Variables: { exchange: Exchange } }

/** Answers one exchange; `param` reads the named parts of its path. */
type Route = (exchange: Exchange, param: (name: string) => string) => Promise<Response>

/** Answers one request that came over one connection. */
export type AppFetch = (request: Request, connection: Connection) => Promise<Response>

/** The routes of the gateway. */
export function createApp(gateway: Gateway, state: GatewayState): AppFetch {
  const app = new Hono<Env>()

  app.use('*', async (c, next) => {
    const exchange = openExchange(c.req.raw, c.env.connection, gateway.clock)
    c.set('exchange', exchange)
    // Chain RPC calls are no round trips of the gateway: they are counted by method. Its page is none either.
    const listed = !exchange.path.startsWith('/rpc/') && !isOfPanel(exchange)
    if (listed) gateway.journal.requestOpened(exchange.record)
    await next()
    gateway.keeper.touch()
    // Nobody is told of what a crash could undo.
    if (exchange.lasting) await gateway.keeper.written()
    if (c.error instanceof Unanswered) {
      if (listed) gateway.journal.requestClosed(exchange.record, c.error.how)
      return c.error.how === 'reset' ? cutOff(exchange.connection) : silence()
    }
    finish(gateway, exchange, c.res.headers)
    if (listed) gateway.journal.requestClosed(exchange.record, c.res.status)
  })
  app.use('*', async (c, next) => {
    if (c.req.method !== 'OPTIONS') {
      const exchange = c.get('exchange')
      if (isAsked(exchange.path)) strikeOnArrival(gateway, exchange)
      assertBodySize(c.req.raw)
    }
    await next()
  })
  app.options('*', () => preflightResponse())
  app.get('/', (c) => {
    assertOwnPage(c.get('exchange'), gateway.hosts)
    return panelFile('index.html')
  })
  app.use('/panel/*', async (c, next) => {
    assertOwnPage(c.get('exchange'), gateway.hosts)
    await next()
  })
  app.get('/panel/state', (c) => panelState(gateway, state, c.get('exchange')))
  app.post('/panel/faults', (c) => addFault(gateway, c.get('exchange')))
  app.delete('/panel/faults', () => clearFaults(gateway))
  for (const name of panelFiles) app.get(`/panel/${name}`, () => panelFile(name))
  app.get('/healthz', () => Response.json({ status: 'ok' }))

  const route = (method: string, path: string, answer: Route) =>
    app.on(method, path, async (c) => {
      const response = await answer(c.get('exchange'), (name) => c.req.param(name) ?? '')
      const fault = gateway.faults.take('pace', c.get('exchange'))
      return fault ? slowDrip(response, fault) : response
    })
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
  app.post('/rpc/:network', (c) => rpc(gateway, c.req.raw, c.req.param('network')))
  for (const provider of providers) {
    app.all(`/${provider}/*`, async (c) => {
      const response = await proxy(gateway, c.get('exchange'), provider)
      const fault = gateway.faults.take('pace', c.get('exchange'))
      return fault ? slowDrip(response, fault) : response
    })
  }
  app.notFound(() =>
    errorResponse(new GatewayError(404, 'invalid_request_error', 'there is nothing here')),
  )
  app.onError((error) => (error instanceof Answered ? error.response : errorResponse(error)))

  return async (request, connection) => app.fetch(request, { connection })
}

const ASKED = ['v1', 'v1beta', ...providers]

/** Whether a path is one that models are asked at, or that belongs to it. */
function isAsked(path: string): boolean {
  return ASKED.includes(path.slice(1, path.indexOf('/', 1)))
}

/** Other sites may use the gateway, and not its page. */
function isOfPanel({ path }: Exchange): boolean {
  return path === '/' || path.startsWith('/panel/')
}

function finish(gateway: Gateway, exchange: Exchange, headers: Headers): void {
  headers.set('date', new Date(gateway.clock.now()).toUTCString())
  headers.set('x-request-id', exchange.id)
  if (!isOfPanel(exchange)) exposeHeaders(headers)
  for (const [name, value] of Object.entries(exchange.rate ?? {})) headers.set(name, value)
  const isFree = /^\/(?:rpc|api|healthz)(?:\/|$)/.test(exchange.path)
  if (!isFree) writeReceipt(gateway, exchange, headers)
}
