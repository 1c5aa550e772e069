import { GatewayConfigError } from '../../GatewayConfigError'

/**
 * LiteSVM, an optional peer that is a native library. Throws GatewayConfigError where it is not installed, or has
 * no build for this machine.
 */
export async function loadLiteSvm(
  load: () => Promise<typeof import('litesvm')> = () => import('litesvm'),
): Promise<typeof import('litesvm').LiteSVM> {
  try {
    return (await load()).LiteSVM
  } catch (cause) {
    const machine = `${process.platform}-${process.arch}`
    const error = new GatewayConfigError(
      `a local Solana chain needs the package litesvm with its build for ${machine}: npm install litesvm`,
    )
    error.cause = cause
    throw error
  }
}
