import { hash, randomBytes } from 'node:crypto'
import type { GatewayClock } from '../clock'
import type { ApiKeyConfig } from '../options'
import type { Tenants } from './tenants'

/** When the use of a key starts again from zero (UTC). */
export type LimitReset = 'daily' | 'weekly' | 'monthly'

/** What a key may do. Money in atomic USDC units. */
export interface KeyTerms {
  readonly name: string
  readonly limit?: bigint | undefined
  readonly limitReset?: LimitReset | undefined
  /** Milliseconds by the gateway's clock. */
  readonly expiresAt?: number | undefined
  readonly allowedProviders?: readonly string[] | undefined
  readonly allowedModels?: readonly string[] | undefined
  readonly disabled?: boolean | undefined
}

/** An API key; its secret is kept nowhere. */
export interface ApiKey extends KeyTerms {
  /** SHA-256 of the secret in hex: what the key is known by. */
  readonly hash: string
  /** What may be shown of the secret. */
  readonly label: string
  /** Management keys manage and regular keys infer. */
  readonly type: 'management' | 'regular'
  readonly tenant: string
  readonly createdAt: number
  readonly updatedAt: number
}

/** All API keys. */
export interface Keys {
  /** The key of a secret that can be used now. */
  find(secret: string): ApiKey | undefined
  /** The key of that hash, if it is the tenant's. */
  of(tenant: string, hash: string): ApiKey | undefined
  /** A tenant's keys, oldest first. */
  list(tenant: string): readonly ApiKey[]
  /** Makes a regular key; its secret is in this answer only. */
  create(tenant: string, terms: KeyTerms): { readonly key: ApiKey; readonly secret: string }
  update(key: ApiKey, changes: Partial<KeyTerms>): ApiKey
  remove(key: ApiKey): void
  /** Back to the configured ones. */
  reset(): void
  save(): readonly ApiKey[]
  load(keys: readonly ApiKey[]): void
}

/** Keys that start as configured, each account opened with the balance of its keys. */
export function createKeys(
  configured: ReadonlyMap<string, ApiKeyConfig>,
  tenants: Tenants,
  clock: GatewayClock,
): Keys {
  const keys = new Map<string, ApiKey>()

  const add = (tenant: string, secret: string, terms: KeyTerms & Pick<ApiKey, 'type'>): ApiKey => {
    const at = clock.now()
    const key = {
      ...terms,
      hash: hashOf(secret),
      label: labelOf(secret),
      tenant,
      createdAt: at,
      updatedAt: at,
    }
    keys.set(key.hash, key)
    return key
  }
  const reset = () => {
    keys.clear()
    const accounts = new Map<string, string>()
    let position = 0
    for (const [secret, { balance, account, ...terms }] of configured) {
      position += 1
      const subject = account ?? `api-key-${position}`
      const known = accounts.get(subject)
      const tenant = (known && tenants.byId(known)) || tenants.open('api-key', subject)
      accounts.set(subject, tenant.id)
      if (balance > 0n) {
        const grant = { referenceType: 'grant', reference: 'options' } as const
        tenants.post(tenant, { type: 'credit', amount: balance, ...grant })
      }
      add(tenant.id, secret, { name: subject, ...terms })
    }
  }

  reset()
  return {
    find: (secret) => {
      const key = keys.size > 0 ? keys.get(hashOf(secret)) : undefined
      if (!key || key.disabled) return undefined
      return key.expiresAt !== undefined && key.expiresAt <= clock.now() ? undefined : key
    },
    of: (tenant, hash) => {
      const key = keys.get(hash)
      return key?.tenant === tenant ? key : undefined
    },
    list: (tenant) => [...keys.values()].filter((key) => key.tenant === tenant),
    create: (tenant, terms) => {
      const secret = `lr_live_${randomBytes(24).toString('hex')}`
      return { key: add(tenant, secret, { ...terms, type: 'regular' }), secret }
    },
    update: (key, changes) => {
      const updated = { ...key, ...changes, updatedAt: clock.now() }
      keys.set(key.hash, updated)
      return updated
    },
    remove: (key) => keys.delete(key.hash),
    reset,
    save: () => [...keys.values()],
    load: (saved) => {
      keys.clear()
      for (const key of saved) keys.set(key.hash, key)
    },
  }
}

/** The ends of a long secret; of a short one, which they would be most of, nothing. */
function labelOf(secret: string): string {
  return secret.length < 32 ? '...' : `${secret.slice(0, 10)}...${secret.slice(-4)}`
}

function hashOf(secret: string): string {
  return hash('sha256', secret)
}
