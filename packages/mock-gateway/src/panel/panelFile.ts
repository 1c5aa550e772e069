import { readFile } from 'node:fs/promises'
import { panelFolder } from '../panelFolder'

const TYPES = new Map([
  ['index.html', 'text/html'],
  ['style.css', 'text/css'],
  ['elements.js', 'text/javascript'],
  ['faults.js', 'text/javascript'],
  ['gateway.js', 'text/javascript'],
  ['panel.js', 'text/javascript'],
  ['tables.js', 'text/javascript'],
])

/** The files of the page. */
export const panelFiles: readonly string[] = [...TYPES.keys()]

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

/** One of the files of the page. */
export async function panelFile(name: string): Promise<Response> {
  return new Response(await readFile(new URL(name, panelFolder())), {
    headers: {
      'content-type': `${TYPES.get(name)}; charset=utf-8`,
      'cache-control': 'no-cache',
      'content-security-policy': POLICY,
      'cross-origin-resource-policy': 'same-origin',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  })
}
