import { createAgentWallet } from '@arouter/sdk/agent'
import { key0 } from '@arouter/sdk/key0'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** A plan of a Key0 seller is bought and used, and a route is paid for by the request. */
export async function run(baseURL: string) {
  const wallet = createAgentWallet({
    evm: { signer: privateKeyToAccount(generatePrivateKey()) },
    origins: [new URL(baseURL).origin],
    maxPerPayment: '$0.20',
  })
  const seller = key0(wallet, { baseURL })
  const { plans } = await seller.discover()

  // The same order gets the same grant, after a crash too.
  const order = { planId: 'basic', order: 'reports of July' }
  const { resourceEndpoint } = await seller.requestAccess(order)

  // Carries the token, and buys the plan again once it is over.
  const fetchReport = seller.accessFetch(order)
  const report = await fetchReport(resourceEndpoint)

  const weather = await seller.payPerRequest('/api/weather/oslo')
  const payments = await wallet.payments.list()
  return {
    plans: plans.map(({ planId }) => planId),
    report: await report.json(),
    weather: await weather.json(),
    paid: payments.map(({ amount }) => amount),
  }
}
