import type { PaymentRequirements } from '@x402/core/types'
import type { JsonObject } from '../http/jsonObject'
import { networkOf } from '../networks'

/** What is paid for. */
export interface Resource {
  readonly url: string
  readonly description?: string
  readonly mimeType?: string
}

/** Requirements as they are told, perhaps without what a payer has to know by itself. */
export type ToldRequirements = Omit<PaymentRequirements, 'asset' | 'extra'> &
  Partial<Pick<PaymentRequirements, 'asset' | 'extra'>>

/** What the terms of a 402 are made of. */
export interface StatedTerms {
  readonly offers: readonly ToldRequirements[]
  readonly resource: Resource
  readonly reason: string
  /** x402 v2 only. */
  readonly extensions?: JsonObject | undefined
}

/** PaymentRequired of x402 version 2. */
export function termsV2({ offers, resource, reason, extensions }: StatedTerms): JsonObject {
  return { x402Version: 2, error: reason, resource, accepts: offers, extensions }
}

/** PaymentRequired of x402 version 1. */
export function termsV1({ offers, resource, reason }: StatedTerms): JsonObject {
  return {
    x402Version: 1,
    error: reason,
    accepts: offers.map((offer) => ({
      scheme: offer.scheme,
      network: networkOf(offer.network).v1Name,
      maxAmountRequired: offer.amount,
      resource: resource.url,
      description: resource.description,
      mimeType: resource.mimeType,
      outputSchema: {},
      payTo: offer.payTo,
      maxTimeoutSeconds: offer.maxTimeoutSeconds,
      asset: offer.asset,
      extra: offer.extra,
    })),
  }
}
