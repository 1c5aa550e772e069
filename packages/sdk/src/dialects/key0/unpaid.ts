import type { AgentWallet } from '../../agent/createAgentWallet'

/** As `wallet.fetch`, and pays nothing: a 402 comes back as it is. */
export async function unpaid(
  wallet: AgentWallet,
  url: string,
  init: RequestInit,
): Promise<Response> {
  let asked: Response | undefined
  const answer = await wallet.fetch(url, {
    ...init,
    via: (send) => async (input, rest) => {
      const response = await send(input, rest)
      if (response.status !== 402) return response
      asked = response
      return new Response() // There is nothing here for the wallet to answer.
    },
  })
  return asked ?? answer
}
