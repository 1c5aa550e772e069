import type { MockGateway } from '@arouter/mock-gateway'

/** What a step costs. */
export type Cost = {
  /** HTTP requests that reached the gateway, those to its chain RPC included. */
  readonly roundTrips: number
  readonly payments: number
  readonly signatures: number
  /** Atomic units of USDC that were bought as credit, by the gateway's ledger. */
  readonly bought: bigint
}

/** One line of the demo. */
export type Step = {
  readonly name: string
  readonly gateway: MockGateway
  /** Brings about what the step is about; not measured. */
  readonly arrange?: () => void | Promise<void>
  /** Resolves to the model's answer, which must be the step's name: the model is an echo. */
  readonly act: () => Promise<string>
  readonly cost: Cost
}

/** What a step did. */
export type Result = Cost & {
  readonly answer: string
  /** Atomic units of USDC that the model cost, by the gateway's ledger. */
  readonly used: bigint
  readonly milliseconds: number
}
