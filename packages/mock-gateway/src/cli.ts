import { createMockGateway } from './createMockGateway'
import { GatewayConfigError } from './GatewayConfigError'
import type { MockGatewayOptions } from './options'
import { cliHelp, parseCliOptions } from './parseCliOptions'

async function main(): Promise<void> {
  const request = parseCliOptions(process.argv.slice(2))
  if (request.kind === 'help') {
    console.log(cliHelp)
    return
  }
  const gateway = await createMockGateway({ ...request.options, ...(await chainOf(request.chain)) })
  const seed = request.seed ?? Date.now() % 1e9
  gateway.faults.random(request.faults, seed)
  const urls = Object.entries(gateway.urls)
  for (const [name, url] of urls) console.log(urls.length === 1 ? url : `${name} ${url}`)
  for (const [network, url] of Object.entries(gateway.rpc)) console.log(`rpc ${network} ${url}`)
  if (Object.keys(request.faults).length > 0) console.log(`faults --seed ${seed}`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) {
    process.once(signal, () => {
      gateway.close().catch(report)
    })
  }
}

/** What a stub does not need is not looked for. */
async function chainOf(chain: 'stub' | 'local'): Promise<Pick<MockGatewayOptions, 'chain'>> {
  return chain === 'stub' ? {} : { chain: (await import('./local/localChain')).localChain() }
}

function report(error: unknown): void {
  const usable = error instanceof GatewayConfigError
  const text = error instanceof Error ? error.message : String(error)
  console.error(`arouter-mock-gateway: ${text}${usable ? '\nTry --help.' : ''}`)
  process.exitCode = usable ? 2 : 1
}

main().catch(report)
