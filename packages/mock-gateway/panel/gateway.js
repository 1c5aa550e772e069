/**
 * What the gateway says of itself (`GET /panel/state`). Money in dollars, times in milliseconds.
 * @typedef {object} Overview
 * @property {readonly string[]} networks
 * @property {Readonly<Record<string, number | string>>} totals
 * @property {readonly Row[]} requests
 * @property {readonly Row[]} payments
 * @property {readonly Row[]} accounts
 * @property {readonly Row[]} sessions
 * @property {readonly Row[]} struck
 * @property {readonly { kind: string, hop: string, does: string }[]} faults
 * @property {Coming} coming
 * @property {{ holders: readonly Row[], transfers: readonly Row[] }} chains of local chains
 */

/**
 * Faults to come.
 * @typedef {object} Coming
 * @property {Readonly<Record<string, number>>} scripted how many of a kind
 * @property {Readonly<Record<string, number>>} chances with which probability
 */

/** @typedef {Readonly<Record<string, any>> & { readonly id: string }} Row */

/** @returns {Promise<Overview>} */
export async function readOverview() {
  return (await send('/panel/state', { cache: 'no-cache' })).json()
}

/**
 * Has a kind of fault strike `times` times, or with a chance.
 * @param {{ kind: string } & ({ times: number } | { chance: number })} fault
 * @returns {Promise<Coming>}
 */
export async function addFault(fault) {
  const headers = { 'content-type': 'application/json' }
  const init = { method: 'POST', headers, body: JSON.stringify(fault) }
  return (await send('/panel/faults', init)).json()
}

/** @returns {Promise<Coming>} */
export async function clearFaults() {
  return (await send('/panel/faults', { method: 'DELETE' })).json()
}

/**
 * @param {string} path
 * @param {RequestInit} init
 */
async function send(path, init) {
  const response = await fetch(path, { ...init, signal: AbortSignal.timeout(5_000) })
  if (!response.ok) throw new Error(`the gateway said ${response.status}`)
  return response
}
