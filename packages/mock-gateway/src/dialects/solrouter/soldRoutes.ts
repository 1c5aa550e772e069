import { readJsonBody } from '../../http/readBody'
import { formatDollars } from '../../money'
import { encryptedChat } from './chat'
import type { Desk } from './Desk'
import type { Priced } from './prices'
import { refuse } from './refusals'

/** Calls that a wallet without an account pays for one by one; an API key is debited the same. */
export function soldRoutes(desk: Desk): void {
  const { route, till, accounts, calls, accountOf, memberOf, offerOf, assertServed, answer } = desk
  const { chat, ...others } = calls

  route(chat.method, chat.path, (exchange) =>
    till.sell(exchange, offerOf(exchange, chat), async ({ payer }) => {
      assertServed(payer)
      const body = encryptedChat(await readJsonBody(exchange.request), chat.price)
      return { what: 'chat', body }
    }),
  )
  route('POST', '/api/v1/chat/completions', async (exchange) => {
    const account = memberOf(exchange)
    const body = encryptedChat(await readJsonBody(exchange.request), chat.price)
    if (accounts.debit(account, chat.price) === 'insufficient') throw refuse('insufficient_funds')
    return answer(exchange, body)
  })

  for (const [name, call] of Object.entries(others)) {
    const done = () => ({ success: true, action: name, id: crypto.randomUUID() })
    route(call.method, call.path, (exchange) => {
      const account = accountOf(exchange)
      if (account) {
        if (accounts.debit(account, call.price) === 'insufficient') {
          throw refuse('insufficient_funds', `${name} costs ${dollars(call)}`)
        }
        return answer(exchange, done())
      }
      return till.sell(exchange, offerOf(exchange, call), ({ payer }) => {
        assertServed(payer)
        return { what: name, body: done() }
      })
    })
  }
}

function dollars({ price }: Priced): string {
  return `$${formatDollars(price)}`
}
