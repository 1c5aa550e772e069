import type { Attributes, Meter } from '@opentelemetry/api'
import type { AnswerFacts } from './watchAnswer'

/** What is measured. */
export type Instruments = ReturnType<typeof createInstruments>

// The boundaries the conventions ask for.
const DURATIONS = [
  0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92,
]
const TOKENS = [
  1, 4, 16, 64, 256, 1_024, 4_096, 16_384, 65_536, 262_144, 1_048_576, 4_194_304, 16_777_216,
  67_108_864,
]
const REQUESTS = [0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10]

/** The metrics of the GenAI and HTTP conventions, and those of payments. Money is in USDC. */
export function createInstruments(meter: Meter) {
  const histogram = (name: string, unit: string, description: string, boundaries: number[]) =>
    meter.createHistogram(name, {
      unit,
      description,
      advice: { explicitBucketBoundaries: boundaries },
    })
  const tokens = histogram(
    'gen_ai.client.token.usage',
    '{token}',
    'Tokens of requests and of answers.',
    TOKENS,
  )
  const cost = meter.createCounter('arouter.client.cost', {
    unit: '{USDC}',
    description: 'What answers cost, where they say so.',
  })
  return {
    duration: histogram(
      'gen_ai.client.operation.duration',
      's',
      'Time from a call to the end of its answer.',
      DURATIONS,
    ),
    requests: histogram(
      'http.client.request.duration',
      's',
      'Time from a request to the headers of its answer.',
      REQUESTS,
    ),
    payments: meter.createCounter('arouter.client.payments', {
      unit: '{payment}',
      description: 'Payments, by what became of them.',
    }),
    paid: meter.createCounter('arouter.client.payment.amount', {
      unit: '{USDC}',
      description: 'What settled payments moved.',
    }),
    signIns: meter.createCounter('arouter.client.sign_ins', {
      unit: '{sign_in}',
      description: 'Sign-ins with a wallet.',
    }),
    tellUsage: (facts: AnswerFacts, dimensions: Attributes) => {
      const { inputTokens, outputTokens, costInDollars } = facts
      const model = facts.attributes['gen_ai.response.model']
      const all = { ...dimensions, ...(model && { 'gen_ai.response.model': model }) }
      if (inputTokens !== undefined)
        tokens.record(inputTokens, { ...all, 'gen_ai.token.type': 'input' })
      if (outputTokens !== undefined)
        tokens.record(outputTokens, { ...all, 'gen_ai.token.type': 'output' })
      if (costInDollars !== undefined && costInDollars > 0) cost.add(costInDollars, all)
    },
  }
}
