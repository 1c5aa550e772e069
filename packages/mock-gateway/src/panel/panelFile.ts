import { readFile } from 'node:fs/promises'
import { GatewayError } from '../http/GatewayError'
import { panelFolder } from '../panelFolder'

const TYPES = {
  'index.html': 'text/html',
  'style.css': 'text/css',
  'elements.js': 'text/javascript',
  'faults.js': 'text/javascript',
  'gateway.js': 'text/javascript',
  'panel.js': 'text/javascript',
  'tables.js': 'text/javascript',
} as const

/** The page loads nothing from elsewhere, and is shown in no other one. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  'img-src data:',
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ')

/** One file of the page. Throws 404 where there is none. */
export async function panelFile(name: string): Promise<Response> {
  const type = Object.entries(TYPES).find(([known]) => known === name)?.[1]
  if (type === undefined) throw new GatewayError(404, 'invalid_request_error', 'no such file')
  return new Response(await readFile(new URL(name, panelFolder())), {
    headers: {
      'content-type': `${type}; charset=utf-8`,
      'cache-control': 'no-cache',
      'content-security-policy': POLICY,
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
}
