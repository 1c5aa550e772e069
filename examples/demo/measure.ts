import type { MockGateway } from '@arouter/mock-gateway'
import type { SignatureCount } from './countingWallets'
import type { Result, Step } from './Step'

/** Runs a step and counts, on the gateway's side, what it did. */
export async function measure(step: Step, count: SignatureCount): Promise<Result> {
  await step.arrange?.()
  const before = read(step.gateway, count)
  const start = performance.now()
  const answer = await step.act()
  const milliseconds = performance.now() - start
  const after = read(step.gateway, count)
  return {
    answer,
    milliseconds,
    roundTrips: after.roundTrips - before.roundTrips,
    payments: after.payments - before.payments,
    signatures: after.signatures - before.signatures,
    bought: after.bought - before.bought,
    used: after.used - before.used,
  }
}

/** What differs from what the step says of itself. */
export function faultsOf({ name, gateway, cost }: Step, result: Result): string[] {
  const expected = { answer: name, ...cost }
  const wrong = Object.entries(expected).flatMap(([what, value]) => {
    const actual = result[what as keyof typeof expected] // entries of `expected`
    return actual === value ? [] : [`${what}: expected ${value}, was ${actual}`]
  })
  if (result.used <= 0n) wrong.push('the answer was not charged to the credit')
  if (gateway.state.conservation().some(({ holds }) => !holds))
    wrong.push('the books do not add up')
  return wrong
}

function read({ state }: MockGateway, { signatures }: SignatureCount) {
  const { requests, payments, rpc } = state.counts()
  const calls = Object.values(rpc).reduce((sum, each) => sum + each, 0)
  const sum = (referenceType: string) =>
    state.ledger
      .filter((entry) => entry.referenceType === referenceType)
      .reduce((total, entry) => total + entry.amount, 0n)
  return {
    roundTrips: requests + calls,
    payments,
    signatures,
    bought: sum('x402_topup'),
    used: sum('inference'),
  }
}
