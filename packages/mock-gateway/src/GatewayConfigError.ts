/** An option given to the gateway, its faults or its state is not usable; the message says which. */
export class GatewayConfigError extends Error {
  override readonly name = 'GatewayConfigError'
}
