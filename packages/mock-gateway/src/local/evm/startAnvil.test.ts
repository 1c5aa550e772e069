import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, onTestFinished, test } from 'vitest'
import { GatewayConfigError } from '../../GatewayConfigError'
import { jsonRpc } from '../jsonRpc'
import { anvilBinary } from './anvilBinary'
import { startAnvil } from './startAnvil'

const isUp = (url: string) =>
  jsonRpc(url)('eth_chainId').then(
    () => true,
    () => false,
  )

test('anvil listens until it is closed', async () => {
  const anvil = await startAnvil(84532)
  expect(await jsonRpc(anvil.url)('eth_chainId')).toBe('0x14a34')
  await anvil.close()
  expect(await isUp(anvil.url)).toBe(false)
})

test('anvil ends with the process that started it, also when that is killed', async () => {
  const start = new URL('./startAnvil.ts', import.meta.url).href
  const script = `import(${JSON.stringify(start)}).then(async ({ startAnvil }) => {
    console.log((await startAnvil(8453)).url)
    setInterval(() => undefined, 1000)
  })`
  const parent = spawn(process.execPath, ['--import', 'tsx', '-e', script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onTestFinished(() => void parent.kill('SIGKILL'))
  const [url] = (await once(createInterface(parent.stdout), 'line')) as [string]
  expect(await isUp(url)).toBe(true)
  parent.kill('SIGKILL')
  await expect.poll(() => isUp(url), { timeout: 10_000 }).toBe(false)
})

test('a process with an anvil and nothing else to do ends', async () => {
  const start = new URL('./startAnvil.ts', import.meta.url).href
  const script = `import(${JSON.stringify(start)}).then(({ startAnvil }) => startAnvil(8453))`
  const idle = spawn(process.execPath, ['--import', 'tsx', '-e', script], { stdio: 'ignore' })
  onTestFinished(() => void idle.kill('SIGKILL'))
  expect(await once(idle, 'exit')).toEqual([0, null])
})

test.each([
  ['freebsd', 'x64'],
  ['linux', 'riscv64'],
])('a machine that anvil is not made for (%s %s) is told so in one line', (platform, arch) => {
  const find = () => anvilBinary({ platform, arch })
  expect(find).toThrow(GatewayConfigError)
  expect(find).toThrow(new RegExp(`^.*@foundry-rs/anvil.*${platform} ${arch}.*$`))
})
