import type { AgentWallet } from '../../agent/createAgentWallet'
import { peek } from '../../body'
import { parseObject } from '../../encoding'
import { ARouterError, isARouterError, withFunds } from '../../errors'
import { abortable } from '../../exchange'
import { systemRuntime } from '../../runtime'
import type { AccessGrant } from './AccessGrant'
import { type Asked, renewalOf } from './AccessRequest'
import { readRefusal } from './key0Error'
import { unpaid } from './unpaid'

/** How a fetch with access behaves. */
export type AccessFetchOptions = {
  /** Whether access that is over is bought again, inside the wallet's budget. Default `auto`. */
  readonly renew?: 'auto' | 'never'
}

/** Access, and how it was come by. */
export type Bought = {
  readonly asked: Asked
  readonly grant: AccessGrant
  /** False where it had been bought before. */
  readonly isNew: boolean
}

type Held = Bought & { hasServed: boolean }

/** A `fetch` that has the access of `first`, then that of its renewals. It pays for nothing else. */
export function accessFetch(
  wallet: AgentWallet,
  first: () => Promise<Asked>,
  buy: (asked: Asked) => Promise<Bought>,
  { renew = 'auto' }: AccessFetchOptions,
): typeof fetch {
  let holding: Promise<Held> | undefined
  const hold = (asking: Promise<Asked>) => {
    const work = asking.then(buy).then((bought) => ({ ...bought, hasServed: false }))
    holding = work
    // The next call begins anew: what was bought is kept, and found again.
    work.catch(() => {
      if (holding === work) holding = undefined
    })
    return work
  }
  return async (input, init) => {
    const request = new Request(input, init)
    const body = request.body ? await request.arrayBuffer() : undefined
    let isBuyer = false
    for (;;) {
      isBuyer ||= holding === undefined
      const held = holding ?? hold(first())
      const access = await abortable(held, request.signal)
      const answer = await send(wallet, request, body, access.grant).catch((error) => {
        throw isBuyer && access.isNew ? afterPurchase(error) : error
      })
      const { response, isOver } = await look(answer, access)
      if (response.ok) access.hasServed = true
      if (!isOver) return response
      if (renew === 'never') throw expired(access)
      if (access.isNew && !access.hasServed) throw refusedAtOnce(access)
      if (holding !== held) continue
      isBuyer = true
      hold(renewalOf(access.asked))
    }
  }
}

async function send(
  wallet: AgentWallet,
  { url, method, headers: given, signal }: Request,
  body: ArrayBuffer | undefined,
  { resourceEndpoint, accessToken }: AccessGrant,
): Promise<Response> {
  const [{ origin }, allowed] = [new URL(url), new URL(resourceEndpoint).origin]
  if (origin !== allowed) throw wrongOrigin(origin, allowed)
  const headers = new Headers(given)
  headers.set('authorization', `Bearer ${accessToken}`)
  return unpaid(wallet, url, { method, headers, signal, ...(body && { body }) })
}

/** What stopped a call that had bought access, true about funds. */
function afterPurchase(error: unknown): unknown {
  if (!isARouterError(error) || error.fundsMoved !== 'no') return error
  return withFunds(error, 'yes', 'It bought access, which the next call uses.')
}

const LIMITS = { idle: 10_000, most: 64 * 1024 }

// Told by the seller, never by a clock here: that one is wrong costs no money.
async function look(answer: Response, { grant: { expiresAt } }: Held) {
  if (answer.status !== 401) return { response: answer, isOver: false }
  const runtime = systemRuntime((input, init) => globalThis.fetch(input, init))
  const { text, response } = await peek(answer, runtime, LIMITS)
  const { code } = readRefusal(parseObject(text))
  const isPast = expiresAt !== undefined && expiresAt * 1000 <= runtime.now()
  return { response, isOver: code === 'key0_challenge_expired' || isPast }
}

function expired({ asked, grant }: Held): ARouterError {
  return new ARouterError(
    401,
    'key0_access_expired',
    `The access to plan ${asked.planId} is over. Funds moved: no. Buy it under another order, or let it be renewed.`,
    { context: { requestId: grant.requestId, expiresAt: grant.expiresAt } },
  )
}

function refusedAtOnce({ asked, grant }: Held): ARouterError {
  return new ARouterError(
    401,
    'key0_access_refused',
    `The access to plan ${asked.planId} was bought just now, and the seller says that it is over. Funds moved: no, not by this answer. Nothing more is bought. Ask the seller.`,
    { context: { requestId: grant.requestId, transaction: grant.transaction } },
  )
}

function wrongOrigin(origin: string, allowed: string): ARouterError {
  return new ARouterError(
    0,
    'key0_wrong_origin',
    `This access is for ${allowed}, not for ${origin}. Nothing was sent. Funds moved: no.`,
    { context: { origin, allowed } },
  )
}
