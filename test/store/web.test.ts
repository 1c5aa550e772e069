import { readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import type { Browser, BrowserContext, Page } from 'playwright-core'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { buildScript } from './buildScript'
import { startChromium } from './chromium'
import { conformance } from './conformance'
import { webCases } from './webCases'
import type {} from './webPage'

// A browser is slow to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 })

let browser: Browser
let context: BrowserContext
let server: Server
let page: Page
let origin = ''
let databases = 0

const fresh = () => `database ${databases++}`

async function open(): Promise<Page> {
  const opened = await context.newPage()
  await opened.goto(origin)
  return opened
}

beforeAll(async () => {
  const script = readFileSync(await buildScript('webPage', 'browser'), 'utf8')
  server = createServer(({ url }, answer) => {
    answer.setHeader('content-type', url === '/' ? 'text/html' : 'text/javascript')
    answer.end(
      url === '/' ? '<!doctype html><script type="module" src="/page.js"></script>' : script,
    )
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (typeof address !== 'object' || !address) throw new Error('the server has no port')
  origin = `http://127.0.0.1:${address.port}/`
  browser = await startChromium()
  context = await browser.newContext()
  page = await open()
})

afterAll(async () => {
  await browser?.close()
  server?.close()
})

describe('the IndexedDB store in Chromium', () => {
  for (const { name } of [...conformance, ...webCases]) {
    test(name, async () => {
      await page.evaluate(([does, database]) => webPage.runCase(does, database), [
        name,
        fresh(),
      ] as const)
    })
  }

  test('loses no update of four tabs that count at once', async () => {
    const database = fresh()
    const tabs = [page, await open(), await open(), await open()]
    const counted = await Promise.all(
      tabs.map((tab) => tab.evaluate((name) => webPage.count(name, 100), database)),
    )
    expect(counted.flat().sort((a, b) => a - b)).toEqual(
      Array.from({ length: 400 }, (_, at) => at + 1),
    )
    await Promise.all(tabs.slice(1).map((tab) => tab.close()))
  })

  test('loses nothing it said was stored, reloaded or closed 20 times in the middle of it', async () => {
    const database = fresh()
    let tab = await open()
    let said = 0
    for (let times = 0; times < 20; times++) {
      const counting = tab
        .evaluate((name) => webPage.count(name, 1e9), database)
        .catch(() => undefined)
      await tab.waitForFunction((known) => Number(document.title) > known, said)
      said = Number(await tab.title())
      if (times % 2 === 0) {
        await tab.reload()
      } else {
        await tab.close()
        tab = await open()
      }
      await counting
      const stands = Number(await tab.evaluate((name) => webPage.get(name, 'count'), database))
      expect(stands).toBeGreaterThanOrEqual(said)
      said = stands
    }
    await tab.close()
  })

  test.each(['closed', 'reloaded'] as const)(
    'knows which worker is there, until its tab is %s',
    async (end) => {
      const database = fresh()
      const tab = await open()
      const isThere = () => page.evaluate((name) => webPage.isThere(name, 'w'), database)
      expect(await isThere()).toBe(false)
      await tab.evaluate((name) => webPage.announce(name, 'w'), database)
      expect(await isThere()).toBe(true)
      if (end === 'closed') await tab.close()
      else await tab.reload()
      await expect.poll(isThere).toBe(false)
      await tab.close()
    },
  )

  test('is a typed error where there is no IndexedDB', async () => {
    const bare = await context.newPage()
    await bare.addInitScript(() => Reflect.deleteProperty(globalThis, 'indexedDB'))
    await bare.goto(origin)
    const failures = await bare.evaluate(() => webPage.failures('none'))
    expect(failures).toHaveLength(3)
    for (const failed of failures) expect(failed).toMatch(/^store_failed: /)
    await bare.close()
  })

  test('is a typed error where the disk quota is used up, and what was stored stands', async () => {
    // An origin of its own: a browser that just found ample space does not look again.
    const other = origin.replace('127.0.0.1', 'localhost').replace(/\/$/, '')
    const full = await context.newPage()
    const session = await context.newCDPSession(full)
    await session.send('Storage.overrideQuotaForOrigin', { origin: other, quotaSize: 1_000_000 })
    await full.goto(other)
    const database = fresh()
    await full.evaluate((name) => webPage.count(name, 1), database)
    expect(await full.evaluate((name) => webPage.fill(name), database)).toMatch(/^store_failed: /)
    expect(await full.evaluate((name) => webPage.get(name, 'count'), database)).toBe('1')
    await full.close()
  })
})
