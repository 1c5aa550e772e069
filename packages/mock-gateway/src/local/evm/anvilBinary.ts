import { createRequire } from 'node:module'
import { GatewayConfigError } from '../../GatewayConfigError'

const SYSTEMS: Readonly<Record<string, string>> = {
  linux: 'linux',
  darwin: 'darwin',
  win32: 'win32',
}
const PROCESSORS: Readonly<Record<string, string>> = { x64: 'amd64', arm64: 'arm64' }

/** Where anvil is. Throws GatewayConfigError where it is not installed, or is not made for this machine. */
export function anvilBinary(
  { platform, arch } = process as { platform: string; arch: string },
): string {
  const name = `anvil${platform === 'win32' ? '.exe' : ''}`
  const ofMachine = `@foundry-rs/anvil-${SYSTEMS[platform]}-${PROCESSORS[arch]}/bin/${name}`
  try {
    const anvil = createRequire(import.meta.url).resolve('@foundry-rs/anvil/package.json')
    return createRequire(anvil).resolve(ofMachine)
  } catch (cause) {
    throw new GatewayConfigError(
      `a local EVM chain needs the package @foundry-rs/anvil with a binary for ${platform} ${arch}, and there is none; the stub chain needs nothing`,
      { cause },
    )
  }
}
