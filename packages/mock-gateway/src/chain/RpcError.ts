/** A JSON-RPC 2.0 error object on its way out. */
export class RpcError extends Error {
  override readonly name = 'RpcError'
  readonly code: number
  /** What an EVM reverted with. */
  readonly data: unknown

  constructor(code: number, message: string, data?: unknown) {
    super(message)
    this.code = code
    this.data = data
  }
}
