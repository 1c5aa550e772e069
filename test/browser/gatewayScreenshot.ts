import { fileURLToPath } from 'node:url'
import { createMockGateway } from '@arouter/mock-gateway'
import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { startChromium } from '../store/chromium'

/*
 * Takes the picture of the gateway's own page that its README shows:
 * npx tsx --tsconfig tsconfig.base.json test/browser/gatewayScreenshot.ts
 */

const path = fileURLToPath(new URL('../../packages/mock-gateway/screenshot.png', import.meta.url))
const gateway = await createMockGateway({ port: 4020, apiKeys: { key: { balance: '$2' } } })
const browser = await startChromium()
const page = await browser.newPage({ viewport: { width: 1180, height: 720 } })

gateway.faults.next('drop-after-settle')
for (let wallets = 0; wallets < 3; wallets += 1) {
  const client = withX402EvmPayment(
    new ARouter({ baseURL: gateway.url, apiKey: '' }),
    privateKeyToAccount(generatePrivateKey()),
  )
  const messages = [{ role: 'user' as const, content: 'Hello' }]
  await client.chatCompletion({ model: 'gpt-4o', messages })
  await client.messages({ model: 'claude-sonnet-4', max_tokens: 50, messages })
}
gateway.faults.random({ 'slow-drip': 0.1 }, 1)
gateway.faults.next('settle-late')
await page.goto(gateway.url)
await page.getByText('While it settles').click()
await page.waitForTimeout(500) // for what moves to come to rest
await page.screenshot({ path })
await browser.close()
await gateway.close()
