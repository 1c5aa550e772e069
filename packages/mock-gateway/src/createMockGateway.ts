import { generateKeyPairSigner } from '@solana/kit'
import type { FacilitatorClient } from '@x402/core/server'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { addressKey } from './addressKey'
import type { Chain } from './chain/Chain'
import { closeChains, openChains } from './chain/openChains'
import { createClock, type GatewayClock } from './clock'
import type { OpenDialect } from './dialects/Dialect'
import { type DialectName, openDialect } from './dialects/dialects'
import { createSales } from './dialects/sales'
import type { Faults } from './faults/faults'
import { createFaults } from './faults/faults'
import type { Gateway } from './Gateway'
import { inProcessFetch } from './http/inProcessFetch'
import type { NetworkId } from './networks'
import type { GatewayConfig, MockGatewayOptions } from './options'
import { resolveOptions } from './options'
import { type Cashier, createCashier } from './payments/cashier'
import { createFacilitator, ownFacilitator } from './payments/facilitator'
import { createTerms } from './payments/requirements'
import { serve } from './serve'
import { createSignInDesk } from './siwx/checkSignIn'
import type { GatewayState } from './state'
import { createState } from './state'
import { type Kept, loadState, readState, stateText } from './stateFile'
import { createStateKeeper, type StateKeeper } from './stateKeeper'
import { createKeys } from './tenants/keys'
import { createRateLimit } from './tenants/rateLimit'
import { createTenants, type Tenants } from './tenants/tenants'
import { createTokens } from './tenants/tokens'
import { createGenerations } from './usage/generations'

const MINUTE = 60_000
const DAY = 24 * 3_600_000
const FIVE_DOLLARS = 5_000_000n
/** What free models take of one account. */
const FREE_PER_MINUTE = 20

/** A running LLM gateway that takes x402 payments. */
export interface MockGateway {
  /** Where the first of its dialects listens: an `http://` origin on a loopback address. */
  readonly url: string
  /** Where each of its dialects listens. */
  readonly urls: Readonly<Partial<Record<DialectName, string>>>
  /**
   * The same gateway without a socket, with the signature of the global `fetch`. Any origin but one of `urls` is
   * answered as the first dialect.
   */
  readonly fetch: typeof globalThis.fetch
  /** JSON-RPC endpoint of each network's chain. */
  readonly rpc: Readonly<Partial<Record<NetworkId, string>>>
  /** Where its money goes, by network. */
  readonly payTo: Readonly<Partial<Record<NetworkId, string>>>
  /** The facilitator of its chains, for x402 sellers of your own: one that is paid there can be tested with them. */
  readonly facilitator: FacilitatorClient
  /** Misbehaviour to come. */
  readonly faults: Faults
  /** What it has seen and holds. */
  readonly state: GatewayState
  /** Stops listening and destroys open connections. */
  close(): Promise<void>
}

/**
 * Starts a gateway on a loopback address. Payments are verified and settled by the official
 * x402 facilitator, over stub chains unless `chain` says otherwise; models are deterministic and offline.
 * Throws GatewayConfigError for an option it cannot use, and rejects when the port is taken.
 */
export async function createMockGateway(options: MockGatewayOptions = {}): Promise<MockGateway> {
  const config = resolveOptions(options)
  const clock = createClock(config.clock, config.clockSkew)
  const kept = config.stateFile === undefined ? undefined : readState(config.stateFile)
  const payTo = await receivers(config, kept?.payTo ?? {})
  const { replay, history, balances } = config
  const chains = await openChains(config.networks, (network) =>
    config.openChain(network, {
      clock,
      payTo: payTo.get(network.id) ?? '',
      balances,
      books: config.stateFile === undefined ? 'forgotten' : 'kept',
      history,
    }),
  )
  const feePayers = await feePayersOf(config.facilitator)
  const tenants = createTenants(clock, history)
  const keys = createKeys(config.apiKeys, tenants, clock)
  const generations = createGenerations(clock, history)
  const tokens = createTokens(clock, config.jwtTtl)
  const terms = createTerms(config, chains, payTo, feePayers)
  const facilitator = config.facilitator
    ? ownFacilitator(config.facilitator)
    : createFacilitator(chains)
  const cashier = createCashier({ terms, chains, facilitator, tenants, clock, replay, history })
  const sales = createSales(clock, history)
  const hosts = new Set<string>(config.publicUrl ? [config.publicUrl.host] : [])
  const desk = createSignInDesk({ chains, clock, hosts, rules: config.siwx })
  const opened = new Map<DialectName, OpenDialect>()
  const { state, journal } = createState({
    chains,
    clock,
    tenants,
    keys,
    generations,
    tokens,
    cashier,
    sales,
    desk,
    history,
    dialects: opened,
  })
  const parts = {
    clock,
    chains,
    tenants,
    keys,
    generations,
    tokens,
    cashier,
    sales,
    dialects: opened,
  }
  const keeper: StateKeeper =
    config.stateFile === undefined
      ? keepNothing
      : createStateKeeper(config.stateFile, () => stateText(payTo, parts))
  const faults = createFaults(
    (fault, { path }) => journal.faultStruck(fault, path),
    chains.some(({ node }) => node) ? 'local' : 'stub',
  )
  const gateway: Gateway = {
    config,
    clock,
    chains,
    terms,
    tenants,
    keys,
    generations,
    rateLimits: createRateLimits(config, tenants, clock),
    tokens,
    facilitator,
    cashier,
    sales,
    desk,
    faults,
    journal,
    keeper,
    hosts,
  }
  const reachable = config.dialects.map((name) => {
    // A wallet signs in at ARouter's own hosts, and at no other dialect's.
    const own = name === 'arouter' ? hosts : new Set<string>()
    const dialect = openDialect(name, { gateway: { ...gateway, hosts: own }, state }, options)
    opened.set(name, dialect)
    return { name, fetch: dialect.fetch, hosts: own }
  })
  const open = async () => {
    if (kept) {
      loadState(kept, parts)
      // Where single things are sold, there is nobody to hand over to what was paid for.
      const isForCredit = config.dialects.every((name) => name === 'arouter')
      if (isForCredit) await creditFound(chains, payTo, cashier)
    } else {
      // Whoever restarts it is paid at the same addresses, whenever it is killed.
      await keeper.written()
    }
    return serve(reachable, config.host, config.port)
  }
  const served = await open().catch(async (error: unknown) => {
    await closeChains(chains)
    throw error
  })
  const url = Object.values(served.urls)[0] ?? ''
  const close = async () => {
    await served.close()
    await keeper.close()
    await closeChains(chains)
  }
  return {
    url,
    urls: served.urls,
    fetch: inProcessFetch(served.fetch, url),
    rpc: Object.fromEntries(config.networks.map(({ id }) => [id, `${url}/rpc/${id}`])),
    payTo: Object.fromEntries(payTo),
    facilitator: facilitator.client,
    faults: { next: faults.next, random: faults.random, clear: faults.clear },
    state,
    close,
  }
}

const keepNothing: StateKeeper = {
  touch: () => undefined,
  written: async () => undefined,
  close: async () => undefined,
}

/** A chain that outlives the gateway has what it was paid in the moment it was killed. */
async function creditFound(
  chains: readonly Chain[],
  payTo: ReadonlyMap<NetworkId, string>,
  cashier: Cashier,
): Promise<void> {
  for (const { network, transfers } of chains) {
    const receiver = addressKey(payTo.get(network.id) ?? '')
    const paid = (await transfers()).filter(({ to }) => addressKey(to) === receiver)
    cashier.creditFound(network.id, paid)
  }
}

/** The limits that the options ask for. */
function createRateLimits(
  { rateLimit, freeLimits }: GatewayConfig,
  tenants: Tenants,
  clock: GatewayClock,
): Gateway['rateLimits'] {
  const perMinute = (limit: number) => createRateLimit(() => limit, MINUTE, clock)
  const perDay = (id: string) => (tenants.bought(id) >= FIVE_DOLLARS ? 1_000 : 50)
  return {
    all: rateLimit === undefined ? [] : [perMinute(rateLimit)],
    free:
      freeLimits === 'off' ? [] : [perMinute(FREE_PER_MINUTE), createRateLimit(perDay, DAY, clock)],
  }
}

/** Who pays for fees on each network, where the facilitator is not ours. */
async function feePayersOf(
  facilitator: GatewayConfig['facilitator'],
): Promise<ReadonlyMap<string, string>> {
  const { kinds } = (await facilitator?.getSupported()) ?? { kinds: [] }
  return new Map(kinds.map(({ network, extra }) => [network, String(extra?.feePayer)]))
}

/** The receiving address of each network: as configured, as before, or a new one per family. */
async function receivers(
  config: GatewayConfig,
  kept: Kept['payTo'],
): Promise<ReadonlyMap<NetworkId, string>> {
  const evm = privateKeyToAccount(generatePrivateKey()).address
  const solana = (await generateKeyPairSigner()).address
  return new Map(
    config.networks.map(({ id, kind }) => [
      id,
      config.payTo[id] ?? kept[id] ?? (kind === 'evm' ? evm : solana),
    ]),
  )
}
