/** Why a stream of events ended before it was whole. */
export type SseFault =
  /** No byte came for the idle timeout. */
  | 'stalled'
  /** A line or an event is larger than its bound. */
  | 'too_long'
  /** The body failed while it was read; `cause` holds how. */
  | 'reset'
  /** The caller's signal fired; `cause` holds its reason. */
  | 'aborted'
  /** The other side reported an error in the stream; `detail` holds it as parsed. */
  | 'error_event'
  /** An event's data is no JSON object. */
  | 'malformed_json'
  /** The body ended without the event that marks the end. */
  | 'truncated'

/** A stream of server-sent events that broke; `reason` says how. */
export class SseError extends Error {
  readonly reason: SseFault
  /** For `error_event`: the `error` member of the data, or all of the data. */
  readonly detail: unknown

  constructor(reason: SseFault, message: string, more: { cause?: unknown; detail?: unknown } = {}) {
    super(message, 'cause' in more ? { cause: more.cause } : undefined)
    this.name = 'SseError'
    this.reason = reason
    this.detail = more.detail
  }
}
