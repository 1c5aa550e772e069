import { fork } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { chat } from './testing/chat'
import { evmPayer } from './testing/officialClients'

/** The command in a process of its own; resolves to its first `lines` lines. */
async function run(args: readonly string[], lines: number): Promise<readonly string[]> {
  const path = fileURLToPath(new URL('./cli.ts', import.meta.url))
  const command = fork(path, args, { execArgv: ['--import', 'tsx'], silent: true })
  onTestFinished(async () => {
    command.kill('SIGTERM')
    await once(command, 'exit')
  })
  const printed: string[] = []
  if (!command.stdout) throw new TypeError('the command has an output')
  for await (const line of createInterface({ input: command.stdout })) {
    printed.push(line)
    if (printed.length === lines) break
  }
  return printed
}

test('--fault drop-after-settle:1 takes the money and answers nobody', async () => {
  const args = ['--network', 'eip155:8453', '--fault', 'drop-after-settle:1', '--seed', '7']
  const [url = '', rpc, faults] = await run(args, 3)
  expect(rpc).toBe(`rpc eip155:8453 ${url}/rpc/eip155:8453`)
  expect(faults).toBe('faults --seed 7')
  const payer = evmPayer()
  await expect(payer.pay(`${url}/v1/chat/completions`, chat('x'))).rejects.toThrow('fetch failed')
})

test('a command without faults says nothing of a seed', async () => {
  const [url = '', rpc] = await run(['--network', 'eip155:84532'], 2)
  expect(rpc).toContain('rpc eip155:84532')
  expect((await fetch(`${url}/v1/models`)).status).toBe(200)
})

test('--dialect names each url', async () => {
  const args = ['--network', 'eip155:8453', '--dialect', 'x402', '--dialect', 'arouter']
  const [seller = '', gateway = '', rpc] = await run(args, 3)
  expect(seller).toMatch(/^x402 http:/)
  expect(gateway).toMatch(/^arouter http:/)
  expect(rpc).toBe(`rpc eip155:8453 ${seller.slice('x402 '.length)}/rpc/eip155:8453`)
})

test('--chain local settles on a chain of its own, which ends with the command', async () => {
  const [url = ''] = await run(['--chain', 'local', '--network', 'eip155:8453'], 2)
  const { account, pay } = evmPayer()
  expect((await pay(`${url}/v1/chat/completions`, chat('x'))).status).toBe(200)
  const page = (await (await fetch(`${url}/panel/state`)).json()) as {
    chains: { holders: unknown; transfers: unknown }
  }
  expect(page.chains).toMatchObject({
    holders: [
      { is: 'gateway', amount: '1' },
      { is: 'wallet', holder: account.address },
    ],
    transfers: [{ from: account.address, amount: '1', transaction: expect.any(String) }],
  })
})
