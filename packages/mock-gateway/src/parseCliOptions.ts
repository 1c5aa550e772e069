import { parseArgs } from 'node:util'
import { type DialectName, dialectNames, isDialectName } from './dialects/dialects'
import type { FaultKind } from './faults/kinds'
import { faultKinds, isFaultKind } from './faults/kinds'
import { GatewayConfigError } from './GatewayConfigError'
import { networkOf } from './networks'
import type { ApiKeyOptions, MockGatewayOptions } from './options'

/** What the command line asks for. */
export type CliRequest =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run'
      readonly options: MockGatewayOptions
      readonly chain: 'stub' | 'local'
      readonly faults: Partial<Record<FaultKind, number>>
      /** What the faults are drawn with. */
      readonly seed?: number
    }

export const cliHelp = `Usage: arouter-mock-gateway [options]

A local LLM gateway that takes x402 payments. It prints its url and runs until interrupted;
of several dialects it prints each with its name.

  --dialect <name>          system to be, each on a port of its own, may be repeated (default: arouter);
                            one of ${dialectNames.join(', ')}
  --port <number>           TCP port on 127.0.0.1, further dialects after it (default: any free ones)
  --chain <where>           where payments are settled: stub (default), or local: anvil and LiteSVM, with real USDC contracts
  --balance <addr:$amount>  USDC of an address, may be repeated; nobody else has any then (default: all have plenty)
  --network <caip2>         network to accept, may be repeated (default: both mainnets)
  --api-key <key:$amount>   API key and the credit of its account, may be repeated
  --top-up <$amount>        amount to offer, may be repeated (default: $1, $5, $10 and $20)
  --rate-limit <number>     requests a minute of one account (default: any number)
  --price <$amount>         charge per request in place of metering, such as $0.25
  --jwt-ttl <seconds>       lifetime of a wallet token (default: 3600)
  --replay <how>            a settled signature again: reject (default) or idempotent
  --state <file>            where accounts, keys and payments are kept between runs
  --fault <kind:chance>     misbehave with a probability from 0 to 1, may be repeated
  --seed <number>           draw that misbehaviour as in an earlier run (default: a new one, printed)
  --help                    this text

Kinds of --fault, by where they strike:
${menu()}
`

/** A line for each hop, with the kinds of faults that strike there. */
function menu(): string {
  const kinds = Object.entries(faultKinds)
  return [...new Set(Object.values(faultKinds))]
    .map((hop) => [hop, kinds.filter(([, at]) => at === hop).map(([kind]) => kind)] as const)
    .map(([hop, names]) => `  ${hop.padEnd(12)}${names.join(', ')}`)
    .join('\n')
}

/** Reads the arguments after the command's name. Throws GatewayConfigError naming the bad one. */
export function parseCliOptions(args: readonly string[]): CliRequest {
  const values = read(args)
  if (values.help) return { kind: 'help' }
  const dialects = values.dialect?.map(parseDialect)
  const networks = values.network?.map((id) => networkOf(id).id)
  const replay = values.replay
  if (replay !== undefined && replay !== 'reject' && replay !== 'idempotent') {
    throw new GatewayConfigError(`--replay must be reject or idempotent, got '${replay}'`)
  }
  const chain = values.chain ?? 'stub'
  if (chain !== 'stub' && chain !== 'local') {
    throw new GatewayConfigError(`--chain must be stub or local, got '${chain}'`)
  }
  return {
    kind: 'run',
    options: {
      ...(dialects === undefined ? {} : { dialects }),
      ...(values.port === undefined ? {} : { port: wholeNumber('--port', values.port) }),
      ...(networks === undefined ? {} : { networks }),
      ...(values.balance === undefined
        ? {}
        : { balances: Object.fromEntries(values.balance.map(parseBalance)) }),
      ...(values['api-key'] === undefined
        ? {}
        : { apiKeys: Object.fromEntries(values['api-key'].map(parseApiKey)) }),
      ...(values['top-up'] === undefined ? {} : { topUps: values['top-up'] }),
      ...(values['rate-limit'] === undefined
        ? {}
        : { rateLimit: wholeNumber('--rate-limit', values['rate-limit']) }),
      ...(values.price === undefined ? {} : { price: values.price }),
      ...(values['jwt-ttl'] === undefined
        ? {}
        : { jwtTtl: wholeNumber('--jwt-ttl', values['jwt-ttl']) }),
      ...(replay === undefined ? {} : { replay }),
      ...(values.state === undefined ? {} : { stateFile: values.state }),
    },
    chain,
    faults: Object.fromEntries((values.fault ?? []).map(parseFault)),
    ...(values.seed === undefined ? {} : { seed: wholeNumber('--seed', values.seed) }),
  }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        dialect: { type: 'string', multiple: true },
        port: { type: 'string' },
        chain: { type: 'string' },
        balance: { type: 'string', multiple: true },
        network: { type: 'string', multiple: true },
        fault: { type: 'string', multiple: true },
        'api-key': { type: 'string', multiple: true },
        'top-up': { type: 'string', multiple: true },
        'rate-limit': { type: 'string' },
        price: { type: 'string' },
        'jwt-ttl': { type: 'string' },
        replay: { type: 'string' },
        state: { type: 'string' },
        seed: { type: 'string' },
        help: { type: 'boolean' },
      },
    }).values
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new GatewayConfigError(error.message, { cause: error })
  }
}

function parseDialect(name: string): DialectName {
  if (isDialectName(name)) return name
  throw new GatewayConfigError(`--dialect must be one of ${dialectNames.join(', ')}, got '${name}'`)
}

/** Never repeats the key: what is wrong is shown on a terminal. */
function parseApiKey(text: string): [string, ApiKeyOptions] {
  const [secret = '', balance = '', ...rest] = text.split(':')
  if (secret !== '' && balance !== '' && rest.length === 0) return [secret, { balance }]
  throw new GatewayConfigError('--api-key needs a key and its credit, such as lr_live_mine:$5')
}

function parseBalance(text: string): [string, string] {
  const [address = '', amount = '', ...rest] = text.split(':')
  if (address !== '' && amount !== '' && rest.length === 0) return [address, amount]
  throw new GatewayConfigError(
    `--balance needs an address and its USDC, such as 0x...:$5, got '${text}'`,
  )
}

function parseFault(text: string): [FaultKind, number] {
  const [kind = '', chance = ''] = text.split(':')
  const probability = Number(chance)
  if (!isFaultKind(kind)) throw new GatewayConfigError(`--fault names no known kind: '${text}'`)
  if (chance === '' || !(probability >= 0 && probability <= 1)) {
    throw new GatewayConfigError(`--fault needs a probability from 0 to 1: '${text}'`)
  }
  return [kind, probability]
}

function wholeNumber(flag: string, text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new GatewayConfigError(`${flag} must be a whole number, got '${text}'`)
}
