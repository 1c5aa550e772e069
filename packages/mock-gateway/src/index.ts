export type { ContractWallet, WalletFactory } from './chain/ContractWallet'
export type { MockGateway } from './createMockGateway'
export { createMockGateway } from './createMockGateway'
export type { DialectName, DialectOptions } from './dialects/dialects'
export type { SaleRecord } from './dialects/sales'
export type * from './dialects/types'
export type { FaultOptions, Faults } from './faults/faults'
export type { FaultKind } from './faults/kinds'
export { faultKinds, faultNotes } from './faults/kinds'
export { GatewayConfigError } from './GatewayConfigError'
export type { LocalTransfer } from './local/LocalNode'
export type { Money } from './money'
export type { NetworkId } from './networks'
export type { ChallengeForm, MockGatewayOptions, SiwxOptions } from './options'
export type { PaymentRecord } from './payments/cashier'
export type {
  Counts,
  CredentialPlace,
  FaultRecord,
  GatewayState,
  RequestRecord,
  SignInRecord,
} from './state'
export type { LedgerEntry } from './tenants/ledger'
export type { Conservation, Tenant } from './tenants/tenants'
