import { createAgentWallet } from '@arouter/sdk/agent'
import { mcpFetch } from '@arouter/sdk/mcp'
import { Client } from '@modelcontextprotocol/sdk/client/index.js'
import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'

/** An MCP client whose calls of tools are paid for, where the server asks for it. */
export async function run(mcpUrl: string) {
  const wallet = createAgentWallet({
    evm: { signer: privateKeyToAccount(generatePrivateKey()) },
    origins: [new URL(mcpUrl).origin],
    maxPerPayment: '$0.10',
  })
  const transport = new StreamableHTTPClientTransport(new URL(mcpUrl), { fetch: mcpFetch(wallet) })
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
