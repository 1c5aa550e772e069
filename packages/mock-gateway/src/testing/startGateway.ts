import { onTestFinished } from 'vitest'
import type { MockGateway } from '../createMockGateway'
import { createMockGateway } from '../createMockGateway'
import type { MockGatewayOptions } from '../options'

/** A gateway that is closed when the running test ends. */
export async function startGateway(options?: MockGatewayOptions): Promise<MockGateway> {
  const gateway = await createMockGateway(options)
  onTestFinished(() => gateway.close())
  return gateway
}
