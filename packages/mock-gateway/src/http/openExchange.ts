import { hash } from 'node:crypto'
import type { GatewayClock } from '../clock'
import type { Exchange } from '../Exchange'
import type { CredentialPlace, OpenRequest, RequestRecord } from '../state'
import type { Connection } from './Connection'

const PLACES = [
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'payment-signature',
  'x-payment',
  'sign-in-with-x',
] as const satisfies readonly CredentialPlace[]

/** Starts the exchange of a request that has just arrived. */
export function openExchange(
  request: Request,
  connection: Connection,
  clock: GatewayClock,
): Exchange {
  const url = new URL(request.url)
  const id = crypto.randomUUID()
  const credentials = credentialsOf(request, url)
  const record: OpenRequest = {
    id,
    method: request.method,
    host: url.host,
    path: url.pathname,
    status: 'open',
    credentials,
    at: clock.now(),
  }
  return {
    id,
    url,
    path: url.pathname,
    request,
    connection,
    record,
    carrying: carryingOf(credentials),
    receipt: undefined,
  }
}

function credentialsOf(request: Request, url: URL): RequestRecord['credentials'] {
  const found: Partial<Record<CredentialPlace, string>> = {}
  for (const place of PLACES) {
    const value = request.headers.get(place)
    if (value !== null && !/^bearer\s*$/i.test(value)) found[place] = shortHash(value)
  }
  const key = url.searchParams.get('key')
  if (key) found.key = shortHash(key)
  return found
}

function carryingOf(credentials: RequestRecord['credentials']): Exchange['carrying'] {
  if (credentials['payment-signature'] || credentials['x-payment']) return 'payment'
  const { authorization, key } = credentials
  const named = credentials['x-api-key'] ?? credentials['x-goog-api-key']
  return (authorization ?? named ?? key) ? 'token' : 'nothing'
}

function shortHash(value: string): string {
  return hash('sha256', value).slice(0, 12)
}
