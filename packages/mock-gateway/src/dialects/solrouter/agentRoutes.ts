import { generateKeyPairSync } from 'node:crypto'
import type { GatewayClock } from '../../clock'
import type { JsonObject } from '../../http/jsonObject'
import { readJsonBody } from '../../http/readBody'
import { countTokens } from '../../models/tokens'
import { formatDollars } from '../../money'
import type { Source } from './accounts'
import { isModel, models } from './chat'
import type { Desk } from './Desk'
import { parseEnvelope } from './envelope'
import { refuse, refusePlainly } from './refusals'

const DAY = 24 * 3_600_000
/** Calls a day of those who have no key. */
const GUEST_CALLS = 5

const attestation = { provider: 'nosana', verified: false, note: 'a mock has no enclave' }

/** What is asked with an API key, in plain text or encrypted; a few encrypted calls are free. */
export function agentRoutes(desk: Desk, clock: GatewayClock): void {
  const { route, accounts, calls, accountOf, memberOf, answer } = desk
  const { price } = calls.chat
  const publicKey = publicKeyOf(generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' }))
  const guests = { day: 0, calls: 0 }

  route('POST', '/agent', async (exchange) => {
    const account = memberOf(exchange)
    const body = await readJsonBody(exchange.request)
    const { prompt, encryptedPrompt, model = models[0], reasoning } = body
    const envelope = encryptedPrompt === undefined ? undefined : parseEnvelope(encryptedPrompt)
    if (encryptedPrompt !== undefined && !envelope) throw refuse('bad_request', 'no envelope')
    if (!envelope && (typeof prompt !== 'string' || prompt === '')) {
      throw refuse('missing_required_fields', 'prompt is required')
    }
    if (!isModel(model)) throw refuse('bad_request', 'there is no such model')
    const isFree = reasoning === 'braid'
    const source = isFree ? 'free' : accounts.takeMessage(account, price)
    if (!source) {
      return answer(exchange, {
        success: false,
        requiresDeposit: true,
        reason: 'free_trial_exhausted',
      })
    }
    if (envelope) {
      return answer(exchange, {
        success: true,
        encrypted: true,
        encryptedResponse: encryptedPrompt,
        toolCallsCount: 0,
        attestation,
        privacyGuarantee: 'The relay sees ciphertext only.',
      })
    }
    const tokens = countTokens(String(prompt))
    return answer(exchange, {
      success: true,
      reply: prompt,
      toolCalls: [],
      usage: { promptTokens: tokens, completionTokens: tokens, totalTokens: 2 * tokens },
      iterations: 1,
      model,
      provider: 'nosana',
      billing: source === 'balance' ? { charged_usdc: formatDollars(price) } : null,
      freeMessagesRemaining: account.freeMessages,
      ...(isFree ? braid(body) : {}),
    })
  })
  for (const path of ['/nosana', '/router']) {
    route('POST', path, async (exchange) => {
      const account = memberOf(exchange)
      const { prompt, model = models[0] } = await readJsonBody(exchange.request)
      if (typeof prompt !== 'string') throw refuse('missing_required_fields', 'prompt is required')
      if (!isModel(model)) throw refuse('bad_request', 'there is no such model')
      const source = accounts.takeMessage(account, price)
      if (!source) throw refuse('insufficient_funds')
      const cost = source === 'balance' ? Number(formatDollars(price)) : 0
      return answer(exchange, { reply: prompt, tokenUsage: countTokens(prompt), cost, model })
    })
  }

  /** Who has no key is one guest here: all of them come from this machine. */
  const takeGuestCall = (): number => {
    const day = Math.floor(clock.now() / DAY)
    if (day !== guests.day) guests.calls = 0
    guests.day = day
    if (guests.calls === GUEST_CALLS) throw refuse('guest_limit')
    guests.calls += 1
    return GUEST_CALLS - guests.calls
  }
  route('POST', '/tee/process', async (exchange) => {
    const account = accountOf(exchange)
    const { encryptedPrompt, model } = await readJsonBody(exchange.request)
    if (!encryptedPrompt) throw refusePlainly('Missing encrypted prompt')
    if (!model) throw refusePlainly('Missing model')
    const envelope = parseEnvelope(encryptedPrompt)
    if (!envelope || !isModel(model)) throw refuse('bad_request')
    let usage: { source: Source | 'guest'; calls_remaining?: number }
    if (account) {
      const source = accounts.takeMessage(account, price)
      if (!source) throw refuse('insufficient_funds')
      usage = source === 'free' ? { source, calls_remaining: account.freeMessages } : { source }
    } else {
      usage = { source: 'guest', calls_remaining: takeGuestCall() }
    }
    return answer(exchange, {
      success: true,
      encryptedResponse: JSON.stringify(envelope),
      requestId: exchange.id,
      attestation,
      encryptionProof: null,
      metadata: { model },
      provider: 'nosana',
      model,
      backendRole: 'BLIND_RELAY',
      onchainAttestation: null,
      privacyProof: null,
      usage,
    })
  })
  route('GET', '/tee/public-key', (exchange) => answer(exchange, { publicKey }))
  route('GET', '/tee/attestation', (exchange) => answer(exchange, { attestation }))
}

function braid({ braidOptions }: JsonObject): JsonObject {
  const traced = typeof braidOptions === 'object' && braidOptions !== null
  const isAsked = traced && 'includeTrace' in braidOptions && braidOptions.includeTrace === true
  return { reasoning: 'braid', cost: 'FREE', ...(isAsked ? { braidTrace: [] } : {}) }
}

/** A JWK has it in base64url (RFC 8037). */
function publicKeyOf({ x = '' }: { readonly x?: string | undefined }): string {
  return Buffer.from(x, 'base64url').toString('base64')
}
