import { parseArgs } from 'node:util'
import { GatewayConfigError } from '../GatewayConfigError'
import type { Family } from './Scenario'
import { families } from './Scenario'

/** What the command line asks for. */
export type CliRequest =
  | { readonly kind: 'help' }
  | {
      readonly kind: 'run'
      /** Path of the module that has the payer. */
      readonly payer: string
      readonly family: Family | undefined
      /** Path to write the report to. */
      readonly json: string | undefined
    }

export const cliHelp = `Usage: arouter-conformance <payer.mjs> [options]

Plays every scenario of the catalogue on a payer, on this machine, and prints its score by family.
The module's default export, or its export named payer, is (baseURL, { evm, solana }) => fetch, with
evm a viem account and solana a @solana/kit signer. It should pay USDC on Base or Solana mainnet, at
most $0.10 a payment and $1 in all, and keep nothing from one call of it to the next.

  --family <name>   only this family, one of: ${families.join(', ')}
  --json <path>     write the report, a line for each scenario, as JSON
  --help            this text

Exit code: 0 where all that applies passed, 1 where not, 2 for a wrong call.
`

/** Reads the arguments after the command's name. Throws GatewayConfigError naming the bad one. */
export function parseCliOptions(args: readonly string[]): CliRequest {
  const { values, positionals } = read(args)
  if (values.help) return { kind: 'help' }
  const [payer, more] = positionals
  if (payer === undefined || more !== undefined) {
    throw new GatewayConfigError('expected the path of one module with a payer')
  }
  const family = families.find((name) => name === values.family)
  if (values.family !== undefined && family === undefined) {
    throw new GatewayConfigError(`--family names no known family: '${values.family}'`)
  }
  return { kind: 'run', payer, family, json: values.json }
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        family: { type: 'string' },
        json: { type: 'string' },
        help: { type: 'boolean' },
      },
    })
  } catch (error) {
    if (!(error instanceof TypeError)) throw error
    throw new GatewayConfigError(error.message, { cause: error })
  }
}
