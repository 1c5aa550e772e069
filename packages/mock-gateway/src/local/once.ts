/** Gives an address something the first time: who comes meanwhile waits for it, and after a failure it is tried again. */
export function once(
  given: Map<string, Promise<void>>,
  owner: string,
  give: () => Promise<void>,
): Promise<void> {
  const known = given.get(owner)
  if (known) return known
  const giving = give().catch((error: unknown) => {
    given.delete(owner)
    throw error
  })
  given.set(owner, giving)
  return giving
}
