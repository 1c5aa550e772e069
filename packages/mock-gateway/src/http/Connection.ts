/** What lies under one exchange: a socket, or the caller of the in-process fetch. */
export interface Connection {
  /** Ends it abruptly, as a reset socket does; nothing more reaches the client. */
  destroy(): void
}

/** Ends the connection and never returns, so that no answer is made. */
export function cutOff(connection: Connection): Promise<never> {
  connection.destroy()
  return silence()
}

/** Never resolves: the client is left waiting. */
export function silence(): Promise<never> {
  return new Promise<never>(() => {})
}
