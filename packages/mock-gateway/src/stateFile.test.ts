import { fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { createMockGateway } from './createMockGateway'
import { GatewayConfigError } from './GatewayConfigError'
import { chat, decoded, withHeaders } from './testing/chat'
import { BASE, evmPayer, solanaPayer } from './testing/officialClients'
import { sendPayment, signPayment } from './testing/payments'
import { startGateway } from './testing/startGateway'

function freshFile(): string {
  const folder = mkdtempSync(join(tmpdir(), 'gateway-'))
  onTestFinished(() => rmSync(folder, { recursive: true }))
  return join(folder, 'state.json')
}

const path = '/v1/chat/completions'

test('a gateway goes on where it was: accounts, keys, payments, tokens, chains and time', async () => {
  const stateFile = freshFile()
  const manager = 'lr_mgmt_secret'
  const options = {
    stateFile,
    price: '$0.25',
    balances: 'unlimited',
    apiKeys: { [manager]: { balance: '$1' } },
  } as const
  const first = await createMockGateway(options)
  const payer = evmPayer()
  const payment = await signPayment(first, payer)
  const paid = await sendPayment(first, payment)
  await (await (await solanaPayer(first)).pay(`${first.url}${path}`, chat('hi'))).text()
  const headers = { authorization: `Bearer ${decoded(paid, 'PAYMENT-RESPONSE')?.jwt}` }
  const created = await fetch(`${first.url}/api/v1/keys`, {
    method: 'POST',
    headers: { authorization: `Bearer ${manager}` },
    body: JSON.stringify({ name: 'bigint:5', limit: 0.5 }),
  })
  const { key, data } = await created.json()
  const { id } = await (await fetch(`${first.url}${path}`, withHeaders(chat('x'), headers))).json()
  await first.state.advance({ milliseconds: 60_000 })
  const { tenants, ledger, payments } = first.state
  const held = await first.state.balanceOf('eip155:8453', payer.account.address)
  await first.close()

  const second = await startGateway({ ...options, apiKeys: {} })
  expect(second.state.tenants).toEqual(tenants)
  expect(second.state.ledger).toEqual(ledger)
  expect(second.state.payments).toEqual(payments)
  expect(second.state.conservation().every(({ holds }) => holds)).toBe(true)
  expect(await second.state.balanceOf('eip155:8453', payer.account.address)).toBe(held)

  const warm = await fetch(`${second.url}${path}`, withHeaders(chat('more'), headers))
  expect(warm.status).toBe(200)
  expect(Date.parse(warm.headers.get('date') ?? '') - Date.now()).toBeGreaterThan(50_000)
  const generation = await fetch(`${second.url}/api/v1/generation?id=${id}`, { headers })
  expect(generation.status).toBe(200)
  const own = await (await fetch(`${second.url}/v1/key?key=${key}`)).json()
  expect(own.data).toMatchObject({ label: data.label, limit: 0.5 })
  const again = await sendPayment(second, payment)
  expect(again.status).toBe(402)
  expect(decoded(again, 'PAYMENT-RESPONSE')).toMatchObject({ success: false })
  const terms = (gateway: typeof first) => signPayment(gateway, evmPayer())
  expect((await terms(second)).accepted.payTo).toBe(payment.accepted.payTo)

  second.state.setCredit('0x1111111111111111111111111111111111111111', '$1')
  const ids = second.state.tenants.map((tenant) => tenant.id)
  expect(new Set(ids).size).toBe(ids.length)
})

test('the file is for its owner only, and has no API key in it', async () => {
  const stateFile = freshFile()
  const gateway = await createMockGateway({
    stateFile,
    apiKeys: { lr_live_known: { balance: '$1' } },
  })
  await gateway.close()
  expect(statSync(stateFile).mode & 0o777).toBe(0o600)
  expect(readFileSync(stateFile, 'utf8')).not.toContain('lr_live_known')
})

test.each(['not JSON', '[]', '{"version":1}'])(
  'a file that is no state is refused: %s',
  async (text) => {
    const stateFile = freshFile()
    writeFileSync(stateFile, text)
    await expect(createMockGateway({ stateFile })).rejects.toThrow(GatewayConfigError)
  },
)

/** The command with a file, in a process of its own. */
async function startCommand(stateFile: string) {
  const path = fileURLToPath(new URL('./cli.ts', import.meta.url))
  const args = ['--state', stateFile, '--network', BASE]
  const command = fork(path, args, { execArgv: ['--import', 'tsx'], silent: true })
  if (!command.stdout) throw new TypeError('the command has an output')
  const ended = once(command, 'exit')
  const kill = async () => {
    command.kill('SIGKILL')
    await ended
  }
  onTestFinished(kill)
  const [line] = await once(createInterface({ input: command.stdout }), 'line')
  return { url: String(line), kill }
}

test('a gateway that is killed at any moment leaves a whole file, with all that it told anybody', async () => {
  const stateFile = freshFile()
  const told: string[] = []
  for (const moment of [1, 4, 9]) {
    const { url, kill } = await startCommand(stateFile)
    for (const authorization of told) {
      const headers = { authorization }
      expect((await fetch(`${url}${path}`, withHeaders(chat('x'), headers))).status).toBe(200)
    }
    const before = told.length
    const payer = async (): Promise<void> => {
      const response = await evmPayer().pay(`${url}${path}`, chat('x'))
      told.push(`Bearer ${decoded(response, 'PAYMENT-RESPONSE')?.jwt}`)
      return payer()
    }
    const payers = Promise.allSettled([payer(), payer(), payer()])
    while (told.length - before < moment) await new Promise(setImmediate)
    await kill()
    await payers
  }
  const gateway = await startGateway({ stateFile, networks: [BASE] })
  expect(gateway.state.payments.length).toBeGreaterThanOrEqual(told.length)
  expect(gateway.state.conservation().every(({ holds }) => holds)).toBe(true)
  expect(new Set(told).size).toBeGreaterThanOrEqual(14)
})
