import { afterEach, expect, test, vi } from 'vitest'
import { type ARouterEvent, emitter } from './events'

const event: ARouterEvent = {
  type: 'signed-in',
  origin: 'https://gateway.example',
  address: '0x5aAeb6053F3E94C9b9A09f33669435E7Ef1BeAed',
}

afterEach(() => {
  vi.unstubAllGlobals()
})

test('the listener is told, at once and in order', () => {
  const told: ARouterEvent[] = []
  const emit = emitter((given) => told.push(given))
  emit(event)
  emit({ ...event, address: 'b' })
  expect(told).toEqual([event, { ...event, address: 'b' }])
})

test('without a listener nobody is told', () => {
  expect(() => emitter(undefined)(event)).not.toThrow()
})

test('a listener that throws changes nothing, and is reported as an uncaught error would be', async () => {
  const reported: unknown[] = []
  vi.stubGlobal('reportError', (error: unknown) => reported.push(error))
  const broken = new Error('the listener is broken')
  const emit = emitter(() => {
    throw broken
  })
  expect(() => emit(event)).not.toThrow()
  expect(reported).toEqual([])
  await Promise.resolve()
  expect(reported).toEqual([broken])
})

test('a listener that throws does not end a process that has no reportError', async () => {
  vi.stubGlobal('reportError', undefined)
  const emit = emitter(() => {
    throw new Error('the listener is broken')
  })
  emit(event)
  await new Promise((resolve) => setImmediate(resolve))
})

test('an async listener that rejects leaves nothing unhandled', async () => {
  vi.stubGlobal('reportError', () => undefined)
  const unhandled: unknown[] = []
  const note = (error: unknown) => unhandled.push(error)
  const before = process.listeners('unhandledRejection')
  process.removeAllListeners('unhandledRejection')
  process.on('unhandledRejection', note)
  emitter(async () => {
    throw new Error('the listener is broken')
  })(event)
  await new Promise((resolve) => setTimeout(resolve, 10))
  process.removeAllListeners('unhandledRejection')
  for (const listener of before) process.on('unhandledRejection', listener)
  expect(unhandled).toEqual([])
})
