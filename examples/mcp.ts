import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** An MCP client whose tool calls are paid for: the transport takes the `fetch` of a wallet. */
export async function run(mcpUrl: string) {
  const { origin } = new URL(mcpUrl)
  const account = privateKeyToAccount(generatePrivateKey())
  const wallet = withX402EvmPayment(new ARouter({ baseURL: origin, apiKey: '' }), account, {
    maxPerPayment: '$0.10',
  })
  const transport = new StreamableHTTPClientTransport(new URL(mcpUrl), { fetch: wallet.fetch })
  const mcp = new Client({ name: 'agent', version: '1.0.0' })
  await mcp.connect(transport)

  const { tools } = await mcp.listTools()
  const { content } = await mcp.callTool({ name: 'add', arguments: { a: 2, b: 3 } })
  const payments = await wallet.payments.list()
  await mcp.close()
  return {
    tools: tools.map(({ name }) => name),
    content,
    paid: payments.map(({ amount }) => amount),
  }
}
