import { createMockGateway, type MockGateway, type MockGatewayOptions } from '@arouter/mock-gateway'
import { ARouter, withX402EvmPayment } from '@arouter/sdk'
import type { Browser, BrowserContextOptions, Page } from 'playwright-core'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { afterAll, beforeAll, expect, onTestFinished, test, vi } from 'vitest'
import { startChromium } from '../store/chromium'
import { listen } from '../support/listen'

// A browser is slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

const PHONE = { width: 360, height: 740 }
const hello = { model: 'gpt-4o', messages: [{ role: 'user' as const, content: 'Hello' }] }
let browser: Browser

beforeAll(async () => {
  browser = await startChromium()
})
afterAll(() => browser?.close())

/** A gateway and its page; what goes wrong in the page fails the test. */
async function open(shape: BrowserContextOptions = {}, options: MockGatewayOptions = {}) {
  const gateway = await createMockGateway(options)
  const context = await browser.newContext(shape)
  const page = await context.newPage()
  const errors: string[] = []
  page.on('pageerror', (error) => errors.push(error.message))
  page.on('console', (message) => {
    const isExpected = /ERR_(CONNECTION_REFUSED|FAILED)|CORS policy|status of 403/.test(
      message.text(),
    )
    if (message.type() === 'error' && !isExpected) errors.push(message.text())
  })
  onTestFinished(async () => {
    await context.close()
    await gateway.close()
    expect(errors).toEqual([])
  })
  await page.goto(gateway.url)
  await page.getByText('Live', { exact: true }).waitFor()
  return { gateway, page }
}

function payer(gateway: MockGateway): ARouter {
  const client = new ARouter({ baseURL: gateway.url, apiKey: '', maxRetries: 0 })
  return withX402EvmPayment(client, privateKeyToAccount(generatePrivateKey()))
}

const list = (page: Page, name: string) => page.getByRole('region', { name, exact: true })

test('what happens at the gateway is seen as it happens', async () => {
  const { gateway, page } = await open()
  await page.getByText(`None yet. Point a client at ${gateway.url}.`).waitFor()
  for (const name of ['Payments', 'Tenants'])
    await list(page, name).getByText('None yet.').waitFor()
  await list(page, 'Sessions').getByText('None.').waitFor()

  await payer(gateway).chatCompletion(hello)
  const paid = list(page, 'Requests').getByRole('row').filter({ hasText: 'payment-signature' })
  await paid.getByText('POST /v1/chat/completions').waitFor()
  await list(page, 'Payments').getByRole('cell', { name: '$1' }).first().waitFor()
  const [tenant] = gateway.state.tenants
  await list(page, 'Tenants')
    .getByText(tenant?.id ?? '')
    .waitFor()
  await list(page, 'Sessions')
    .getByTitle(tenant?.subject ?? '')
    .first()
    .waitFor()
})

test('a fault is switched on with the keyboard alone, strikes, and is seen to', async () => {
  const { gateway, page } = await open()
  await page.getByText('When a request arrives').focus()
  await page.keyboard.press('Enter')
  await page.keyboard.press('Tab')
  const button = page.getByRole('button', { name: '401: strike next' })
  await expect.poll(() => button.evaluate((one) => one === document.activeElement)).toBe(true)
  await page.keyboard.press('Space')
  await page.getByRole('status').getByText('To come: 401: the next 1.').waitFor()
  expect(await button.evaluate((one) => one === document.activeElement)).toBe(true)

  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(401)
  await list(page, 'Struck').getByRole('cell', { name: '401' }).waitFor()
  await page.getByRole('status').getByText('None to come.').waitFor()
  await list(page, 'Requests').getByText('401', { exact: true }).waitFor()
})

test('a fault that is always on stays on until all are switched off', async () => {
  const { gateway, page } = await open()
  await page.getByText('When a request arrives').click()
  const often = page.getByRole('combobox', { name: '429-before: how often' })
  await often.selectOption('Always')
  await page.getByText('To come: 429-before: 100 %.').waitFor()
  for (let times = 0; times < 2; times += 1) {
    await expect(payer(gateway).listModels()).rejects.toMatchObject({ statusCode: 429 })
  }
  await page.getByRole('button', { name: 'Switch all off' }).click()
  await page.getByText('None to come.').waitFor()
  expect(await often.inputValue()).toBe('0')
  await payer(gateway).listModels()
})

test('a chance that was set elsewhere is shown as it is', async () => {
  const { gateway, page } = await open()
  gateway.faults.random({ 'slow-drip': 0.25 }, 1)
  await page.getByText('To come: slow-drip: 25 %.').waitFor()
  await page.getByText('In the pace of an answer').click()
  const often = page.getByRole('combobox', { name: 'slow-drip: how often' })
  expect(await often.inputValue()).toBe('0.25')
})

test('a page that is paused stands still, and goes on when it is told to', async () => {
  const { gateway, page } = await open()
  const pause = page.getByRole('button', { name: 'Pause' })
  await pause.click()
  await page.getByRole('status').getByText('Paused').waitFor()
  await payer(gateway).listModels()
  await page.waitForTimeout(1_500)
  expect(await list(page, 'Requests').getByText('/v1/models').count()).toBe(0)
  await pause.click()
  await list(page, 'Requests').getByText('/v1/models').waitFor()
})

test('a gateway that is gone is said so, and found again', async () => {
  const { gateway, page } = await open({}, {})
  const { port } = new URL(gateway.url)
  await gateway.close()
  await page.getByRole('alert').getByText('The gateway cannot be reached').waitFor()
  await page.getByRole('status').getByText('Not connected').waitFor()
  const again = await createMockGateway({ port: Number(port) })
  onTestFinished(() => again.close())
  await page.getByRole('status').getByText('Live', { exact: true }).waitFor()
  expect(await page.getByRole('alert').isVisible()).toBe(false)
})

test.each(['light', 'dark'] as const)(
  'on a phone nothing is cut off and all controls are large enough for a thumb (%s)',
  async (colorScheme) => {
    const { gateway, page } = await open({ viewport: PHONE, colorScheme })
    await payer(gateway).chatCompletion(hello)
    await list(page, 'Payments').getByRole('table').waitFor()
    for (const group of await page.locator('summary').all()) await group.click()
    const over = () => page.evaluate(() => document.documentElement.scrollWidth - innerWidth)
    expect(await over()).toBeLessThanOrEqual(0)
    for (const control of await page.locator('button, select, summary').all()) {
      expect((await control.boundingBox())?.height).toBeGreaterThanOrEqual(40)
    }
    expect(await page.evaluate(leastContrast)).toBeGreaterThanOrEqual(4.5)
  },
)

test('what a client sends is shown as text and never as part of the page', async () => {
  const { gateway, page } = await open()
  await fetch(`${gateway.url}/v1/<img src=x onerror="document.title='owned'">`)
  await list(page, 'Requests').getByText('img').first().waitFor()
  expect(await page.title()).toBe('Mock gateway')
  expect(await page.locator('img').count()).toBe(0)
})

test('a page of another site can neither read the state nor switch on a fault', async () => {
  const { gateway, page } = await open()
  const elsewhere = await listen((_, answer) => {
    answer.setHeader('content-type', 'text/html')
    answer.end('<!doctype html><title>Elsewhere</title>')
  })
  await page.goto(elsewhere)
  const outcomes = await page.evaluate(async (url) => {
    const body = JSON.stringify({ kind: '401', times: 1 })
    const how = (sent: Promise<Response>) => sent.then(({ type }) => type).catch(() => 'blocked')
    return [
      await how(fetch(`${url}/panel/state`)),
      await how(fetch(`${url}/panel/faults`, { method: 'POST', body })),
      await how(fetch(`${url}/panel/faults`, { method: 'POST', body, mode: 'no-cors' })),
      await how(fetch(`${url}/panel/faults`, { method: 'DELETE' })),
    ]
  }, gateway.url)
  expect(outcomes).toEqual([
    'blocked',
    'blocked',
    expect.stringMatching(/opaque|blocked/),
    'blocked',
  ])
  expect((await fetch(`${gateway.url}/v1/models`)).status).toBe(200)
})

/** The least contrast of any text to what is behind it (WCAG 2, 1.4.3). */
function leastContrast(): number {
  const canvas = new OffscreenCanvas(1, 1).getContext('2d', { willReadFrequently: true })
  const channels = (color: string): number[] => {
    if (!canvas) throw new Error('no canvas')
    canvas.clearRect(0, 0, 1, 1)
    canvas.fillStyle = color
    canvas.fillRect(0, 0, 1, 1)
    return [...canvas.getImageData(0, 0, 1, 1).data]
  }
  const luminance = ([red = 0, green = 0, blue = 0]: number[]) => {
    const [r = 0, g = 0, b = 0] = [red, green, blue].map((channel) => {
      const part = channel / 255
      return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4
    })
    return 0.2126 * r + 0.7152 * g + 0.0722 * b
  }
  const behind = (from: Element | null): number[] => {
    for (let one = from; one; one = one.parentElement) {
      const color = channels(getComputedStyle(one).backgroundColor)
      if (color[3] === 255) return color
    }
    return [255, 255, 255]
  }
  const texts = [...document.querySelectorAll('body *')].filter((one) =>
    [...one.childNodes].some((node) => node.nodeType === 3 && node.textContent?.trim()),
  )
  const ratios = texts
    .filter((one) => one instanceof HTMLElement && one.offsetParent && !one.matches(':disabled'))
    .map((one) => {
      const [a, b] = [channels(getComputedStyle(one).color), behind(one)].map(luminance)
      const [light, dark] = [Math.max(a ?? 0, b ?? 0), Math.min(a ?? 0, b ?? 0)]
      return (light + 0.05) / (dark + 0.05)
    })
  return Math.min(...ratios)
}
