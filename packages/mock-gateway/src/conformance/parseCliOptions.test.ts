import { expect, test } from 'vitest'
import { GatewayConfigError } from '../GatewayConfigError'
import { parseCliOptions } from './parseCliOptions'

test('a payer, a family and a path for the report are read', () => {
  const args = ['./payer.mjs', '--family', 'later 402s', '--json', 'report.json']
  expect(parseCliOptions(args)).toEqual({
    kind: 'run',
    payer: './payer.mjs',
    family: 'later 402s',
    json: 'report.json',
  })
  expect(parseCliOptions(['./payer.mjs'])).toEqual({
    kind: 'run',
    payer: './payer.mjs',
    family: undefined,
    json: undefined,
  })
  expect(parseCliOptions(['--help'])).toEqual({ kind: 'help' })
})

test.each([
  ['no payer', []],
  ['two payers', ['a.mjs', 'b.mjs']],
  ['an unknown family', ['a.mjs', '--family', 'luck']],
  ['an unknown option', ['a.mjs', '--lenient']],
])('%s is refused', (_, args) => {
  expect(() => parseCliOptions(args)).toThrow(GatewayConfigError)
})
