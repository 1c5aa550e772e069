import type { Connection } from '../http/Connection'
import { cutOff, silence } from '../http/Connection'
import type { Fault } from './faults'

/** The events of a stream, until the fault strikes after `events` of them. */
export async function* spoilEvents(
  events: AsyncGenerator<string>,
  fault: Fault,
  connection: Connection,
): AsyncGenerator<string> {
  const strikesAfter = fault.events ?? 2
  let passed = 0
  for await (const event of events) {
    if (passed === strikesAfter) {
      switch (fault.kind) {
        case 'truncate-stream':
          return
        case 'reset-stream':
          return await cutOff(connection)
        case 'stall-stream':
          return await silence()
        case 'stream-error':
          yield `data: ${JSON.stringify({
            error: { message: 'the upstream model failed', type: 'server_error' },
            choices: [{ index: 0, delta: { content: '' }, finish_reason: 'error' }],
          })}\n\n`
          return
        default:
          yield 'data: {"choices":[{"delta":\n\n'
      }
    }
    passed += 1
    yield event
  }
}
