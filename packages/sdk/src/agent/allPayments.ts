import type { RequestNeed } from '../exchange'
import { type Attempt, readAttempt } from '../payment/Attempt'
import { archiveKey, needKey } from '../payment/journal'
import type { Payer } from '../payment/Payer'
import {
  createPayments,
  noSuchPayment,
  type PaymentRecord,
  type Payments,
  recordOf,
} from '../payment/Payments'
import type { Store } from '../store/Store'
import { readSigned } from './statements'

/** Where needs of single requests stand: one wallet at one origin. */
export type Shelf = { readonly origin: string; readonly address: string }

/** The journal of a wallet whose needs are single requests, at all its origins. */
export function allPayments(
  store: Store,
  shelves: readonly Shelf[],
  open: (shelf: Shelf, need: RequestNeed) => Payer,
): Payments {
  const standing = async () => {
    const found = []
    for (const shelf of shelves) {
      const prefix = `${needKey(shelf.origin, shelf.address)}/`
      for (const [key, value] of await store.list(prefix)) {
        const attempt = readAttempt(value, key)
        const id = key.slice(prefix.length)
        found.push({ attempt, payer: () => open(shelf, needAt(id, attempt)) })
      }
    }
    return found
  }
  const isOpen = ({ attempt }: { attempt: Attempt }) => attempt.answer === undefined
  return {
    list: async () => {
      const needs = (await standing()).map(({ attempt }) => attempt)
      const ids = new Set(needs.map(({ id }) => id))
      const archives = shelves.map(({ origin, address }) => store.list(archiveKey(origin, address)))
      const ended = (await Promise.all(archives))
        .flat()
        .map(([key, value]) => readAttempt(value, key))
      ended.sort((a, b) => b.createdAt - a.createdAt)
      return [...needs, ...ended.filter(({ id }) => !ids.has(id))].map(shown)
    },
    reconcile: async () => {
      for (const { payer } of (await standing()).filter(isOpen)) {
        await createPayments(payer()).reconcile()
      }
      return (await standing()).filter(isOpen).map(({ attempt }) => shown(attempt))
    },
    writeOff: async (id) => {
      const found = (await standing()).find(({ attempt }) => attempt.id === id)
      if (!found) throw noSuchPayment(id)
      await createPayments(found.payer()).writeOff(id)
    },
  }
}

function shown(attempt: Attempt): PaymentRecord {
  const [signedOffer, signedReceipt] = [attempt.signedOffer, attempt.signedReceipt].map(readSigned)
  return {
    ...recordOf(attempt),
    ...(signedOffer && { signedOffer }),
    ...(signedReceipt && { signedReceipt }),
  }
}

function needAt(id: string, { request = '', resource = '' }: Attempt): RequestNeed {
  return { id, request, resource, answer: id === request ? 'handed over' : 'kept' }
}
