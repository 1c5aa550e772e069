import { Hono } from 'hono'
import type { Exchange } from './Exchange'
import { slowDrip } from './faults/slowDrip'
import { strikeOnArrival } from './faults/strikeOnArrival'
import type { Gateway } from './Gateway'
import { Answered } from './http/Answered'
import type { Connection } from './http/Connection'
import { cutOff, silence } from './http/Connection'
import { exposeHeaders, preflightResponse } from './http/cors'
import { GatewayError } from './http/GatewayError'
import { openExchange } from './http/openExchange'
import { assertBodySize } from './http/readBody'
import { Unanswered } from './http/Unanswered'
import { assertOwnPage } from './panel/assertOwnPage'
import { panelFile, panelFiles } from './panel/panelFile'
import { addFault, clearFaults, panelState } from './panel/panelRoutes'
import { writeReceipt } from './payments/receiptHeader'
import { rpc } from './routes/rpc'
import type { GatewayState } from './state'

/** Answers one request that came over one connection. */
export type AppFetch = (request: Request, connection: Connection) => Promise<Response>

/** Answers one exchange; `param` reads the named parts of its path. */
export type Route = (
  exchange: Exchange,
  param: (name: string) => string,
) => Promise<Response> | Response

/** Where one system is reached: what is the same for each of them is done, its own routes come on top. */
export interface Origin {
  route(method: string, path: string, answer: Route): void
  readonly fetch: AppFetch
}

/** What tells one system from another. */
export interface OriginForm {
  /** Whether faults of the hop `arrival` may strike on a path. */
  isAsked(path: string): boolean
  /** Whether an answer on a path may bear a receipt, true or spoofed. */
  isSold(path: string): boolean
  /** Headers of its own that a page in a browser may read. */
  readonly exposed?: readonly string[]
  /** The answer for anything thrown. */
  refusal(error: unknown): Response
}

type Env = { Bindings: { connection: Connection }; Variables: { exchange: Exchange } }

/** An origin with the page of the gateway, its chains, and nothing else yet. */
export function createOrigin(gateway: Gateway, state: GatewayState, form: OriginForm): Origin {
  const app = new Hono<Env>()

  app.use('*', async (c, next) => {
    const exchange = openExchange(c.req.raw, c.env.connection, gateway.clock)
    c.set('exchange', exchange)
    // Chain RPC calls are no round trips of the gateway: they are counted by method. Its page is none either.
    const listed = !isOfChain(exchange) && !isOfPanel(exchange)
    if (listed) {
      gateway.journal.requestOpened(exchange.record)
      await Promise.all(gateway.chains.map((chain) => chain.catchUp()))
    }
    await next()
    gateway.keeper.touch()
    // Nobody is told of what a crash could undo.
    if (exchange.lasting) await gateway.keeper.written()
    if (c.error instanceof Unanswered) {
      if (listed) gateway.journal.requestClosed(exchange.record, c.error.how)
      return c.error.how === 'reset' ? cutOff(exchange.connection) : silence()
    }
    const { headers } = c.res
    headers.set('date', new Date(gateway.clock.now()).toUTCString())
    headers.set('x-request-id', exchange.id)
    if (!isOfPanel(exchange)) exposeHeaders(headers, form.exposed ?? [])
    for (const [name, value] of Object.entries(exchange.rate ?? {})) headers.set(name, value)
    if (listed && form.isSold(exchange.path)) writeReceipt(gateway, exchange, headers)
    if (listed) gateway.journal.requestClosed(exchange.record, c.res.status)
  })
  app.use('*', async (c, next) => {
    if (c.req.method !== 'OPTIONS') {
      const exchange = c.get('exchange')
      const mayStrike = !isOfChain(exchange) && !isOfPanel(exchange) && form.isAsked(exchange.path)
      if (mayStrike) strikeOnArrival(gateway, exchange)
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
  app.post('/rpc/:network', (c) => rpc(gateway, c.req.raw, c.req.param('network')))
  app.notFound(() =>
    form.refusal(new GatewayError(404, 'invalid_request_error', 'there is nothing here')),
  )
  app.onError((error) => (error instanceof Answered ? error.response : form.refusal(error)))

  return {
    route: (method, path, answer) => {
      app.on(method, path, async (c) => {
        const response = await answer(c.get('exchange'), (name) => c.req.param(name) ?? '')
        const fault = gateway.faults.take('pace', c.get('exchange'))
        return fault ? slowDrip(response, fault) : response
      })
    },
    fetch: async (request, connection) => app.fetch(request, { connection }),
  }
}

function isOfChain({ path }: Exchange): boolean {
  return path.startsWith('/rpc/')
}

/** Other sites may use the gateway, and not its page. */
function isOfPanel({ path }: Exchange): boolean {
  return path === '/' || path.startsWith('/panel/')
}
