import { expect, test } from 'vitest'
import { faultKinds } from './faults/kinds'
import { GatewayConfigError } from './GatewayConfigError'
import { cliHelp, parseCliOptions } from './parseCliOptions'

test('every flag becomes an option', () => {
  const text =
    '--chain local --balance 0xa:$5 --dialect arouter --dialect x402 --port 8402 --network eip155:84532 --price $0.25 --jwt-ttl 60 --replay idempotent --state kept.json --fault 5xx-before:0.5 --fault reset-stream:1 --seed 42'
  expect(parseCliOptions(text.split(' '))).toEqual({
    kind: 'run',
    options: {
      dialects: ['arouter', 'x402'],
      port: 8402,
      networks: ['eip155:84532'],
      balances: { '0xa': '$5' },
      price: '$0.25',
      jwtTtl: 60,
      replay: 'idempotent',
      stateFile: 'kept.json',
    },
    chain: 'local',
    faults: { '5xx-before': 0.5, 'reset-stream': 1 },
    seed: 42,
  })
})

test('no flags mean the defaults', () => {
  expect(parseCliOptions([])).toEqual({ kind: 'run', options: {}, chain: 'stub', faults: {} })
})

test('--help wins', () => {
  expect(parseCliOptions(['--help', '--port', '1'])).toEqual({ kind: 'help' })
})

test('--help has every kind of fault on the menu', () => {
  for (const kind of Object.keys(faultKinds)) expect(cliHelp).toMatch(new RegExp(`\\b${kind}\\b`))
})

test.each([
  ['--chain mainnet', '--chain must be stub or local'],
  ['--balance 0xa', '--balance needs an address and its USDC'],
  ['--seed -1', "Option '--seed' argument is ambiguous"],
  ['--seed=x', '--seed must be a whole number'],
  ['--prot', "Unknown option '--prot'"],
  ['--port x', '--port must be a whole number'],
  ['--network eip155:1', "unknown network 'eip155:1'"],
  ['--dialect key9', '--dialect must be one of arouter'],
  ['--replay maybe', '--replay must be reject or idempotent'],
  ['--fault nothing:1', '--fault names no known kind'],
  ['--fault 401', '--fault needs a probability'],
  ['--fault 401:2', '--fault needs a probability'],
  ['extra', 'Unexpected argument'],
])('%s is refused by name', (text, message) => {
  const parse = () => parseCliOptions(text.split(' '))
  expect(parse).toThrow(message)
  expect(parse).toThrow(GatewayConfigError)
})

test('--api-key, --top-up and --rate-limit set up accounts, offers and their limit', () => {
  const args = ['--api-key', 'lr_live_a:$5', '--api-key', 'lr_mgmt_b:$0', '--top-up', '$2']
  expect(parseCliOptions([...args, '--rate-limit', '60'])).toMatchObject({
    options: {
      apiKeys: { lr_live_a: { balance: '$5' }, lr_mgmt_b: { balance: '$0' } },
      topUps: ['$2'],
      rateLimit: 60,
    },
  })
})

test.each(['lr_live_secret', 'lr_live_secret:', ':$5', 'lr_live_secret:$5:6'])(
  'an --api-key that cannot be read is refused without being repeated: %s',
  (text) => {
    expect(() => parseCliOptions(['--api-key', text])).toThrow(GatewayConfigError)
    expect(() => parseCliOptions(['--api-key', text])).not.toThrow('lr_live_secret')
  },
)
