import { describe, expect, test } from 'vitest'
import type { Attempt } from '../../../packages/sdk/src/payment/Attempt'
import type { Books, GatewayBook, Holding, StoreBook, Takings, Transfer } from './Books'
import { compareBooks } from './compareBooks'

const BASE = 'eip155:8453'
const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'
const ORIGIN = 'http://127.0.0.1:4020'
const PAY_TO = '0x00000000000000000000000000000000000000CC'
const RECEIVER = 'Receiver'

const transfer: Transfer = {
  network: BASE,
  transaction: '0xt1',
  from: '0x00000000000000000000000000000000000000aa',
  to: PAY_TO.toLowerCase(),
  amount: 1_000_000n,
  marks: ['0x01'],
}
const onSolana: Transfer = {
  network: SOLANA,
  transaction: 'T2',
  from: 'Payer',
  to: RECEIVER,
  amount: 5_000_000n,
  marks: ['T2', 'PayerSignature'],
}
const holdings: readonly Holding[] = [
  { network: BASE, address: PAY_TO, before: 0n, now: 1_000_000n },
  { network: BASE, address: transfer.from, before: 9_000_000n, now: 8_000_000n },
  { network: SOLANA, address: RECEIVER, before: 7n, now: 5_000_007n },
]
const taken: Takings = {
  id: 'payment_1',
  network: BASE,
  payer: '0x00000000000000000000000000000000000000AA',
  amount: 1_000_000n,
  transaction: '0xt1',
  credit: { tenant: 'tenant_1', amount: 1_000_000n },
}
const sold: Takings = {
  id: 'sale_1',
  network: SOLANA,
  payer: 'Payer',
  amount: 5_000_000n,
  transaction: 'T2',
}
const gateway: GatewayBook = {
  origins: [ORIGIN],
  payTo: { [BASE]: PAY_TO, [SOLANA]: RECEIVER },
  takings: [taken, sold],
  totals: { settled: 1_000_000n, credited: 1_000_000n },
  ledger: [
    {
      tenant: 'tenant_1',
      type: 'credit',
      amount: 1_000_000n,
      referenceType: 'x402_topup',
      reference: '0xt1',
    },
    {
      tenant: 'tenant_1',
      type: 'usage',
      amount: 40n,
      referenceType: 'inference',
      reference: 'request_1',
    },
  ],
  tenants: [{ id: 'tenant_1', balance: 999_960n }],
  faults: [],
}
const attempt: Attempt = {
  v: 1,
  id: 'a',
  state: 'settled',
  origin: ORIGIN,
  from: '0x00000000000000000000000000000000000000AA',
  network: BASE,
  amount: '1000000',
  payTo: PAY_TO,
  createdAt: 0,
  changedAt: 0,
  worker: '',
  beat: 0,
  lease: 0,
  evidence: { nonce: '0x01' },
  settledBy: 'receipt',
  transaction: '0xt1',
}
const other: Attempt = {
  ...attempt,
  id: 'b',
  from: 'Payer',
  network: SOLANA,
  amount: '5000000',
  payTo: RECEIVER,
  evidence: { signature: 'PayerSignature' },
  transaction: 'T2',
}
const store: StoreBook = {
  attempts: [attempt, other],
  budgets: [
    { address: attempt.from, reserved: {}, spent: 1_000_000n },
    { address: 'Payer', reserved: {}, spent: 5_000_000n },
  ],
}
const books: Books = {
  chain: { transfers: [transfer, onSolana], holdings },
  gateways: [gateway],
  stores: [store],
}

const withChain = (change: Partial<Books['chain']>): Books => ({
  ...books,
  chain: { ...books.chain, ...change },
})
const withGateway = (change: Partial<GatewayBook>): Books => ({
  ...books,
  gateways: [{ ...gateway, ...change }],
})
const withAttempt = (change: Partial<Attempt>, more: Partial<StoreBook> = {}): Books => ({
  ...books,
  stores: [{ ...store, attempts: [{ ...attempt, ...change }, other], ...more }],
})
const withBudget = (change: Partial<StoreBook['budgets'][number]>): Books => ({
  ...books,
  stores: [
    { ...store, budgets: store.budgets.map((one, at) => (at === 0 ? { ...one, ...change } : one)) },
  ],
})

const FIRST = `a transfer of 1000000 from ${transfer.from} to ${transfer.to} on ${BASE} (0xt1)`
const OWN = `payment a of 1000000 from ${attempt.from}`

test('books that agree have no difference, and nothing to remark', () => {
  expect(compareBooks(books)).toEqual({ differences: [], remarks: [] })
})

describe('one atomic unit is named, by whichever book it is wrong in:', () => {
  const cases: readonly (readonly [string, Books, readonly string[]])[] = [
    [
      'the chain moved one more than the gateway and the journal say',
      withChain({ transfers: [{ ...transfer, amount: 1_000_001n }, onSolana] }),
      [
        `The gateway has payment_1 of 1000000 from ${taken.payer} on ${BASE}; the chain has ${FIRST.replace('1000000', '1000001')}.`,
        'The chain moved 6000001 to the gateway; it counts 6000000.',
        `${PAY_TO} held 0 on ${BASE}, was sent 1000001 and sent 0; it holds 1000000.`,
        `${transfer.from} held 9000000 on ${BASE}, was sent 0 and sent 1000001; it holds 8000000.`,
        `The journal has ${OWN} to ${PAY_TO}; the chain has ${FIRST.replace('1000000', '1000001')}.`,
      ],
    ],
    [
      'the receiver holds one less',
      withChain({
        holdings: [{ network: BASE, address: PAY_TO, before: 0n, now: 999_999n }],
      }),
      [`${PAY_TO} held 0 on ${BASE}, was sent 1000000 and sent 0; it holds 999999.`],
    ],
    [
      'the gateway put down one more',
      withGateway({ takings: [{ ...taken, amount: 1_000_001n }, sold] }),
      [
        `The gateway has payment_1 of 1000001 from ${taken.payer} on ${BASE}; the chain has ${FIRST}.`,
        'The gateway took 1000001 for payment_1 and credited 1000000.',
      ],
    ],
    [
      'the gateway credited one less',
      withGateway({
        takings: [{ ...taken, credit: { tenant: 'tenant_1', amount: 999_999n } }, sold],
      }),
      [
        'The gateway took 1000000 for payment_1 and credited 999999.',
        'The gateway credited 999999; it counts 1000000.',
        'The ledger credits 1000000 for payment_1, which says 999999.',
      ],
    ],
    [
      'the gateway counts one more in sum',
      withGateway({ totals: { settled: 1_000_001n, credited: 1_000_001n } }),
      [
        'The chain moved 6000000 to the gateway; it counts 6000001.',
        'The gateway credited 1000000; it counts 1000001.',
      ],
    ],
    [
      'an account holds one more than its ledger',
      withGateway({ tenants: [{ id: 'tenant_1', balance: 999_961n }] }),
      ['The ledger of tenant_1 says 1000000 less 40; the account holds 999961.'],
    ],
    [
      'the journal has one more',
      withAttempt({ amount: '1000001' }),
      [
        `The journal has payment a of 1000001 from ${attempt.from} to ${PAY_TO}; the chain has ${FIRST}.`,
        `The budget of ${attempt.from} counts 1000000; its journal has 1000001.`,
      ],
    ],
    [
      'the budget counts one less',
      withBudget({ spent: 999_999n }),
      [`The budget of ${attempt.from} counts 999999; its journal has 1000000.`],
    ],
    [
      'the budget sets one more aside',
      withBudget({ reserved: { a: 1_000_001n }, spent: 0n }),
      [
        `The budget of ${attempt.from} sets 1000001 aside for a, which is of 1000000.`,
        `The budget of ${attempt.from} counts 1000001; its journal has 1000000.`,
      ],
    ],
  ]
  test.each(cases)('%s', (_, wrong, differences) => {
    expect(compareBooks(wrong).differences).toEqual(differences)
  })
})

describe('what only one book has is named:', () => {
  const cases: readonly (readonly [string, Books, readonly string[]])[] = [
    [
      'money that the gateway has not put down',
      withGateway({ takings: [sold], ledger: [], tenants: [] }),
      [
        `The chain has ${FIRST}; the gateway has put down none.`,
        'The gateway credited 0; it counts 1000000.',
      ],
    ],
    [
      'a payment that the chain never took',
      withChain({ transfers: [onSolana], holdings: [] }),
      [
        `The gateway has payment_1 of 1000000 from ${taken.payer}; the chain has no 0xt1.`,
        'The chain moved 5000000 to the gateway; it counts 6000000.',
        `The journal has ${OWN} as settled, by receipt; the chain has not taken it.`,
      ],
    ],
    [
      'a payment that was put down twice',
      withGateway({ takings: [taken, { ...taken, id: 'payment_2' }, sold] }),
      [
        'The gateway has put down transaction 0xt1 more than once.',
        'The gateway credited 2000000; it counts 1000000.',
      ],
    ],
    [
      'credit for nothing',
      withGateway({
        ledger: [
          ...gateway.ledger,
          {
            tenant: 'tenant_1',
            type: 'credit',
            amount: 1n,
            referenceType: 'x402_topup',
            reference: '0xt9',
          },
        ],
        tenants: [{ id: 'tenant_1', balance: 999_961n }],
      }),
      ['The ledger credits 1 to tenant_1 for 0xt9, which paid nothing.'],
    ],
    [
      'credit for somebody else',
      withGateway({
        ledger: gateway.ledger.map((entry) => ({ ...entry, tenant: 'tenant_2' })),
        tenants: [{ id: 'tenant_2', balance: 999_960n }],
      }),
      ['The ledger credits 1000000 of payment_1 to tenant_2, not to tenant_1.'],
    ],
    [
      'a refund that never came',
      withGateway({ takings: [taken, { ...sold, refund: 'T3' }] }),
      ['The gateway gave sale_1 back; the chain has no T3.'],
    ],
    [
      'money that left the gateway for no reason',
      withChain({
        transfers: [
          transfer,
          onSolana,
          {
            ...transfer,
            transaction: '0xt3',
            from: PAY_TO,
            to: '0xdd',
            amount: 1n,
            marks: ['0x3'],
          },
        ],
        holdings: [],
      }),
      [
        `The chain has a transfer of 1 from ${PAY_TO} to 0xdd on ${BASE} (0xt3); the gateway knows of no such refund.`,
      ],
    ],
    [
      'a transfer that the wallet’s journal has forgotten, and its budget has not',
      withAttempt({ id: 'c', origin: 'http://elsewhere', evidence: { nonce: '0x05' } }),
      [`The chain has ${FIRST}; no journal of that wallet has it.`],
    ],
    [
      'a payment that the journal thinks dead',
      withAttempt({ state: 'dead' }),
      [
        `The journal has ${OWN} as dead; the chain has ${FIRST}.`,
        `The budget of ${attempt.from} counts 1000000; its journal has 0.`,
      ],
    ],
    [
      'two entries for one transfer',
      { ...books, stores: [store, { attempts: [{ ...attempt, id: 'c' }], budgets: [] }] },
      [`The journals have ${FIRST} more than once: a and c.`],
    ],
    [
      'another transaction than the chain’s',
      withAttempt({ transaction: '0xt8' }),
      [`The journal has ${OWN} in transaction 0xt8; the chain has ${FIRST}.`],
    ],
    [
      'money that is set aside for nothing',
      withBudget({ reserved: { z: 1n } }),
      [
        `The budget of ${attempt.from} sets 1 aside for z, which is not in the journal.`,
        `The budget of ${attempt.from} counts 1000001; its journal has 1000000.`,
      ],
    ],
  ]
  test.each(cases)('%s', (_, wrong, differences) => {
    expect(compareBooks(wrong).differences).toEqual(differences)
  })
})

describe('what faults leave is said, and is no difference:', () => {
  const nobodys = {
    takings: [{ ...taken, credit: { tenant: 'tenant_1', amount: 0n } }, sold],
    totals: { settled: 1_000_000n, credited: 0n },
    ledger: [],
    tenants: [{ id: 'tenant_1', balance: 0n }],
  }
  const remarked: readonly (readonly [string, Books, readonly string[]])[] = [
    [
      'money that was paid and credited to nobody',
      withGateway({ ...nobodys, faults: ['third-party-settles'] }),
      [
        `payment_1: 1000000 from ${taken.payer} were paid and credited to nobody (third-party-settles).`,
      ],
    ],
    [
      'a payment that is open, and was taken',
      withAttempt({ state: 'unknown' }),
      [`The journal has ${OWN} as unknown; the chain has taken it.`],
    ],
    [
      'a payment that was written off, and was taken',
      withAttempt({ state: 'writtenOff' }),
      [`The journal has ${OWN} as writtenOff; the chain has taken it.`],
    ],
    [
      'a receipt that lied of its transaction',
      {
        ...withAttempt({ transaction: '0xt8' }),
        gateways: [{ ...gateway, faults: ['receipt-spoofed'] }],
      },
      [`The journal has ${OWN} in transaction 0xt8; the chain has ${FIRST}.`],
    ],
  ]
  test.each(remarked)('%s', (_, said, remarks) => {
    expect(compareBooks(said)).toEqual({ differences: [], remarks })
  })

  test('but money that is credited to nobody without one is', () => {
    expect(compareBooks(withGateway(nobodys)).differences).toEqual([
      'The gateway took 1000000 for payment_1 and credited 0.',
    ])
  })

  test('an open payment that the chain never took, and one that was concluded from credit', () => {
    const unpaid: Books = {
      chain: { transfers: [], holdings: [] },
      gateways: [
        { ...gateway, takings: [], totals: { settled: 0n, credited: 0n }, ledger: [], tenants: [] },
      ],
      stores: [
        {
          attempts: [
            { ...attempt, state: 'refused' },
            { ...other, settledBy: 'credit' },
            { ...attempt, id: 'c', state: 'dead', evidence: { nonce: '0x02' } },
            {
              ...attempt,
              id: 'd',
              origin: 'https://elsewhere.example',
              evidence: { nonce: '0x03' },
            },
          ],
          budgets: [],
        },
      ],
    }
    expect(compareBooks(unpaid)).toEqual({
      differences: [],
      remarks: [
        `The journal has ${OWN} as refused; the chain has not taken it.`,
        'The journal has payment b of 5000000 from Payer as settled, by credit; the chain has not taken it.',
      ],
    })
  })

  test('what was given back', () => {
    const back = { ...onSolana, transaction: 'T3', from: RECEIVER, to: 'Payer', marks: ['T3'] }
    const given = {
      ...withGateway({ takings: [taken, { ...sold, refund: 'T3' }] }),
      chain: { transfers: [transfer, onSolana, back], holdings: [] },
    }
    expect(compareBooks(given)).toEqual({
      differences: [],
      remarks: ['sale_1: 5000000 from Payer were given back.'],
    })
    const short = {
      ...given,
      chain: { ...given.chain, transfers: [transfer, onSolana, { ...back, amount: 4_999_999n }] },
    }
    expect(compareBooks(short).differences).toEqual([
      `The gateway gave 5000000 of sale_1 back to Payer; the chain has a transfer of 4999999 from ${RECEIVER} to Payer on ${SOLANA} (T3).`,
    ])
  })
})

test('a wallet that no store is known of may pay, and one seen through two stores is one', () => {
  expect(compareBooks({ ...books, stores: [] }).differences).toEqual([])
  expect(compareBooks({ ...books, stores: [store, store] }).differences).toEqual([])
})
