import { PaymentPolicyError, unreadable } from '../errors'
import type { Json } from '../store/Store'
import type { Attempt } from './Attempt'
import type { Payer } from './Payer'
import { sameAddress } from './sameAddress'

/** Who was paid first at this origin, by network; not asked for where `payTo` names who may be paid. */
export async function readPins({ store, base, policy }: Payer): Promise<Map<string, string>> {
  const pins = new Map<string, string>()
  for (const network of policy.payTo ? [] : policy.networks) {
    const key = `pin/${base.origin}/${network}`
    const pinned = readPin(await store.get(key), key)
    if (pinned !== undefined) pins.set(network, pinned)
  }
  return pins
}

/**
 * Trust on first use: whoever is paid first at this origin and network is the one from then on.
 * @throws PaymentPolicyError `pay_to_changed`; nothing is signed.
 */
export async function pin(
  { store, policy }: Payer,
  { origin, network, payTo }: Attempt,
): Promise<void> {
  if (policy.payTo) return
  const key = `pin/${origin}/${network}`
  const standing = await store.update(key, (now) => readPin(now, key) ?? sameAddress(payTo))
  if (standing === sameAddress(payTo)) return
  throw new PaymentPolicyError(
    'pay_to_changed',
    'The gateway asks to pay another address than before. Funds moved: no, nothing was signed. If the change is real, name the new address in payTo.',
    { context: { origin, network, payTo } },
  )
}

function readPin(value: Json | undefined, key: string): string | undefined {
  if (value !== undefined && typeof value !== 'string') throw unreadable(key)
  return value
}
