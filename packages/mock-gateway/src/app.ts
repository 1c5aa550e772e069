import type { Context } from 'hono'
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
import { writeReceipt } from './payments/receiptHeader'
import { answerChat } from './routes/answerChat'
import { balance } from './routes/balance'
import { models } from './routes/models'
import { rpc } from './routes/rpc'
import { signIn } from './routes/signIn'
import { x402Chat } from './routes/x402Chat'
import { authenticate, credentialOf } from './tenants/authenticate'

type Env = { Bindings: { connection: Connection }; Variables: { exchange: Exchange } }

/** Answers one request that came over one connection. */
export type AppFetch = (request: Request, connection: Connection) => Promise<Response>

/** The routes of the gateway. */
export function createApp(gateway: Gateway): AppFetch {
  const app = new Hono<Env>()

  app.use('*', async (c, next) => {
    const exchange = openExchange(c.req.raw, c.env.connection, gateway.clock)
    c.set('exchange', exchange)
    // Chain RPC calls are no round trips of the gateway: they are counted by method.
    const listed = !exchange.path.startsWith('/rpc/')
    if (listed) gateway.journal.requestOpened(exchange.record)
    await next()
    if (c.error instanceof Unanswered) {
      if (listed) gateway.journal.requestClosed(exchange.record, c.error.how)
      return c.error.how === 'reset' ? cutOff(exchange.connection) : silence()
    }
    finish(gateway, exchange, c.res.headers)
    if (listed) gateway.journal.requestClosed(exchange.record, c.res.status)
  })
  app.use('/v1/*', async (c, next) => {
    if (c.req.method === 'OPTIONS') return next()
    strikeOnArrival(gateway, c.var.exchange)
    assertBodySize(c.req.raw)
    await next()
  })

  app.options('*', () => preflightResponse())
  app.get('/healthz', () => Response.json({ status: 'ok' }))
  app.get('/v1/models', async (c) => {
    const { request, url } = c.var.exchange
    const credential = credentialOf(request, url)
    if (credential) await authenticate(credential, gateway.tenants, gateway.tokens)
    return paced(c, models())
  })
  app.post('/v1/chat/completions', async (c) =>
    paced(c, await answerChat(gateway, c.var.exchange, () => readJsonBody(c.req.raw))),
  )
  app.get('/v1/x402/chat', async (c) => paced(c, await x402Chat(gateway, c.var.exchange)))
  if (gateway.config.signIn === 'on') {
    app.post('/v1/x402/auth', async (c) => paced(c, await signIn(gateway, c.var.exchange)))
  }
  app.get('/api/v1/balance', async (c) => paced(c, await balance(gateway, c.var.exchange)))
  app.post('/rpc/:network', (c) => rpc(gateway, c.req.raw, c.req.param('network')))
  app.notFound(() =>
    errorResponse(new GatewayError(404, 'invalid_request_error', 'there is nothing here')),
  )
  app.onError((error) => (error instanceof Answered ? error.response : errorResponse(error)))

  const paced = (c: Context<Env>, response: Response): Response => {
    const fault = gateway.faults.take('pace', c.var.exchange)
    return fault ? slowDrip(response, fault) : response
  }
  return async (request, connection) => app.fetch(request, { connection })
}

function finish(gateway: Gateway, exchange: Exchange, headers: Headers): void {
  headers.set('date', new Date(gateway.clock.now()).toUTCString())
  headers.set('x-request-id', exchange.id)
  exposeHeaders(headers)
  if (exchange.path.startsWith('/v1/')) writeReceipt(gateway, exchange, headers)
}
