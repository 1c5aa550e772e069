import { readJsonBody } from '../../http/readBody'
import { formatDollars } from '../../money'
import { models } from './chat'
import type { Desk } from './Desk'
import { refuse } from './refusals'

/** What there is, and what an API key has. */
export function accountRoutes({ route, memberOf, answer }: Desk): void {
  route('GET', '/api/v1/models', (exchange) =>
    answer(exchange, { data: models.map((id) => ({ id, provider: 'nosana' })) }),
  )
  route('GET', '/api/v1/balance', (exchange) => {
    const dollars = formatDollars(memberOf(exchange).balance)
    return answer(exchange, { balance_usdc: Number(dollars), balance_formatted: `$${dollars}` })
  })
  route('GET', '/api/v1/usage', (exchange) => {
    const { calls, spent, freeMessages, plan } = memberOf(exchange)
    return answer(exchange, {
      calls,
      spent_usdc: Number(formatDollars(spent)),
      free_messages_remaining: freeMessages,
      plan: plan ?? null,
    })
  })
  route('POST', '/api/v1/subscribe', async (exchange) => {
    const account = memberOf(exchange)
    const { plan } = await readJsonBody(exchange.request)
    if (typeof plan !== 'string') throw refuse('missing_required_fields', 'plan is required')
    if (account.plan !== undefined) throw refuse('already_subscribed')
    account.plan = plan
    return answer(exchange, { success: true, plan })
  })
}
