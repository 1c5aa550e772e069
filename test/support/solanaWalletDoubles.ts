import {
  Keypair,
  PublicKey,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import nacl from 'tweetnacl'

const LIGHTHOUSE = 'L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95'

/** How a wallet differs from Phantom, unlocked and connected. */
export type SolanaDoubleOptions = {
  readonly keys?: readonly Keypair[]
  readonly connected?: boolean
  /** How many guard instructions it adds to what it signs. */
  readonly guards?: number
  /** Called while a window is open: what it throws is the answer. */
  readonly onWindow?: (method: string) => void | Promise<void>
}

function vault({
  keys = [Keypair.generate()],
  connected = true,
  guards = 0,
  onWindow,
}: SolanaDoubleOptions) {
  const windows: string[] = []
  let shown: readonly Keypair[] = connected ? keys : []
  const listeners = new Set<() => void>()
  const emit = () => {
    for (const listener of listeners) listener()
  }
  const open = async (method: string) => {
    windows.push(method)
    await onWindow?.(method)
  }
  return {
    keys,
    windows,
    listeners,
    shown: () => shown,
    select: (...selected: readonly Keypair[]) => {
      shown = selected
      emit()
    },
    lock: () => {
      shown = []
      emit()
    },
    connect: async (mode: 'ask' | 'silent') => {
      if (shown.length > 0) return
      if (mode === 'silent') return
      await open('connect')
      shown = keys
      emit()
    },
    signTransaction: async (wire: Uint8Array, key: Keypair | undefined) => {
      if (!key) throw Object.assign(new Error('The account is not authorized.'), { code: 4100 })
      await open('signTransaction')
      const transaction = guarded(VersionedTransaction.deserialize(wire), guards, key.publicKey)
      transaction.sign([key])
      return transaction.serialize()
    },
    signMessage: async (message: Uint8Array, key: Keypair | undefined) => {
      if (!key) throw Object.assign(new Error('The account is not authorized.'), { code: 4100 })
      await open('signMessage')
      return nacl.sign.detached(message, key.secretKey)
    },
  }
}

function guarded(transaction: VersionedTransaction, guards: number, owner: PublicKey) {
  if (guards === 0) return transaction
  const message = TransactionMessage.decompile(transaction.message)
  const guard = new TransactionInstruction({
    programId: new PublicKey(LIGHTHOUSE),
    keys: [{ pubkey: owner, isSigner: false, isWritable: false }],
    data: Buffer.from([5, 0, 3]),
  })
  message.instructions.push(...Array.from({ length: guards }, () => guard))
  return new VersionedTransaction(message.compileToV0Message())
}

/** A wallet by Wallet Standard, with the features of Phantom that a payment needs. */
export function standardWalletDouble(options: SolanaDoubleOptions = {}) {
  const box = vault(options)
  const accountOf = (key: Keypair) => ({
    address: key.publicKey.toBase58(),
    publicKey: key.publicKey.toBytes(),
    chains: ['solana:mainnet', 'solana:devnet'] as const,
    features: ['solana:signTransaction', 'solana:signMessage'] as const,
  })
  const keyOf = ({ address }: { readonly address: string }) =>
    box.shown().find((key) => key.publicKey.toBase58() === address)
  const chains: string[] = []
  const wallet = {
    version: '1.0.0' as const,
    name: 'Double',
    icon: 'data:image/svg+xml;base64,PHN2Zy8+' as const,
    chains: ['solana:mainnet', 'solana:devnet'] as const,
    get accounts() {
      return box.shown().map(accountOf)
    },
    features: {
      'standard:connect': {
        version: '1.0.0',
        connect: async (input?: { readonly silent?: boolean }) => {
          await box.connect(input?.silent ? 'silent' : 'ask')
          return { accounts: box.shown().map(accountOf) }
        },
      },
      'standard:events': {
        version: '1.0.0',
        on: (_: 'change', listener: (properties: object) => void) => {
          const changed = () => listener({ accounts: box.shown().map(accountOf) })
          box.listeners.add(changed)
          return () => box.listeners.delete(changed)
        },
      },
      'solana:signTransaction': {
        version: '1.0.0',
        supportedTransactionVersions: ['legacy', 0],
        signTransaction: async (...inputs: readonly Input[]) =>
          Promise.all(
            inputs.map(async ({ account, transaction, chain }) => {
              chains.push(chain)
              return { signedTransaction: await box.signTransaction(transaction, keyOf(account)) }
            }),
          ),
      },
      'solana:signMessage': {
        version: '1.0.0',
        signMessage: async (...inputs: readonly { account: Account; message: Uint8Array }[]) =>
          Promise.all(
            inputs.map(async ({ account, message }) => ({
              signedMessage: message,
              signature: await box.signMessage(message, keyOf(account)),
            })),
          ),
      },
    },
  }
  return { ...box, chains, wallet }
}

type Account = { readonly address: string }
type Input = { readonly account: Account; readonly transaction: Uint8Array; readonly chain: string }

/** An injected provider, as Phantom has it at `window.phantom.solana`. */
export function phantomDouble(options: SolanaDoubleOptions = {}) {
  const box = vault(options)
  const heard = new Map<string, Set<(value: unknown) => void>>()
  box.listeners.add(() => {
    const [key] = box.shown()
    for (const listener of heard.get('accountChanged') ?? []) listener(key?.publicKey ?? null)
  })
  return {
    ...box,
    provider: {
      isPhantom: true,
      get publicKey() {
        return box.shown()[0]?.publicKey ?? null
      },
      connect: async (how?: { readonly onlyIfTrusted?: boolean }) => {
        await box.connect(how?.onlyIfTrusted ? 'silent' : 'ask')
        const [key] = box.shown()
        if (!key) throw Object.assign(new Error('User rejected the request.'), { code: 4001 })
        return { publicKey: key.publicKey }
      },
      signTransaction: async (transaction: unknown) => {
        if (!(transaction instanceof VersionedTransaction)) throw new Error('not a transaction')
        const wire = await box.signTransaction(transaction.serialize(), box.shown()[0])
        return VersionedTransaction.deserialize(wire)
      },
      signMessage: async (message: Uint8Array) => {
        const [key] = box.shown()
        return { signature: await box.signMessage(message, key), publicKey: key?.publicKey }
      },
      on: (event: string, listener: (value: unknown) => void) => {
        heard.set(event, (heard.get(event) ?? new Set()).add(listener))
      },
      off: (event: string, listener: (value: unknown) => void) => {
        heard.get(event)?.delete(listener)
      },
    },
    listening: () => [...heard.values()].reduce((sum, { size }) => sum + size, 0),
  }
}
