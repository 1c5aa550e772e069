import { expect, test } from 'vitest'
import { GatewayConfigError } from '../../GatewayConfigError'
import { loadLiteSvm } from './loadLiteSvm'

test('a machine without LiteSVM is told in one line what to install', async () => {
  const cause = new Error('Cannot find native binding')
  const failure = await loadLiteSvm(() => Promise.reject(cause)).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(GatewayConfigError)
  expect(failure).toMatchObject({
    message: `a local Solana chain needs the package litesvm with its build for ${process.platform}-${process.arch}: npm install litesvm`,
    cause,
  })
})
