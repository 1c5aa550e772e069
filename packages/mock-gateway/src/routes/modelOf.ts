import { invalidRequest } from '../http/GatewayError'
import type { Model } from '../models/catalogue'
import { findModel } from '../models/catalogue'

/** The model a request names. Throws 400 when there is none that does what is wanted. */
export function modelOf(id: unknown, does: Model['does'], provider = 'openai'): Model {
  if (typeof id !== 'string' || id === '') throw invalidRequest('model must be a string')
  const model = findModel(id, does, provider)
  if (model) return model
  throw invalidRequest(`model '${id.slice(0, 100)}' does not exist`)
}
