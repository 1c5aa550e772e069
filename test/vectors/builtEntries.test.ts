import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { Keypair } from '@solana/web3.js'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { expect, test } from 'vitest'

const built = (name: string, file: string) =>
  fileURLToPath(new URL(`../../packages/${name}/dist/${file}`, import.meta.url))
const load = {
  'index.cjs': async (path: string) => createRequire(import.meta.url)(path),
  'index.js': (path: string) => import(path),
}

test.each(['index.cjs', 'index.js'] as const)(
  'the built %s of both packages signs',
  async (file) => {
    const { evmSigner } = await load[file](built('x402-evm', file))
    const { solanaSigner } = await load[file](built('x402-solana', file))
    const keypair = Keypair.generate()
    const account = privateKeyToAccount(generatePrivateKey())
    expect(await evmSigner(account).signMessage('hello')).toBe(
      await account.signMessage({ message: 'hello' }),
    )
    expect(solanaSigner(keypair).address).toBe(keypair.publicKey.toBase58())
    expect(await solanaSigner(keypair).signMessage('hello')).toHaveLength(88)
  },
)

test.each(['x402-evm', 'x402-solana'])(
  'the built %s loads no other package to start',
  async (name) => {
    for (const file of ['index.cjs', 'index.js']) {
      const text = await readFile(built(name, file), 'utf8')
      expect(text).not.toMatch(/^import .* from ['"][^.]|\brequire\(['"][^.]/m)
    }
  },
)
