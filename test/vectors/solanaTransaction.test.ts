import { type KitMessage, type KitTransaction, solanaSigner } from '@arouter/x402-solana'
import {
  createKeyPairSignerFromBytes,
  createSignableMessage,
  getBase58Decoder,
  getBase64Encoder,
  getTransactionDecoder,
  type KeyPairSigner,
} from '@solana/kit'
import {
  ComputeBudgetProgram,
  Keypair,
  PublicKey,
  SystemProgram,
  TransactionInstruction,
  TransactionMessage,
  VersionedTransaction,
} from '@solana/web3.js'
import type { Network } from '@x402/core/types'
import { ExactSvmScheme } from '@x402/svm'
import fc from 'fast-check'
import nacl from 'tweetnacl'
import { describe, expect, test, vi } from 'vitest'
import { isOnCurve } from '../../packages/x402-solana/src/isOnCurve'
import { startRpcDouble } from '../../packages/x402-solana/src/rpcDouble'
import { tokenAccount } from '../../packages/x402-solana/src/tokenAccount'
import { officialFacilitator } from './officialFacilitator'

const TOKEN = new PublicKey('TokenkegQfeZyiNwAJbNbGKPFXCWuBvf9Ss623VQ5DA')
const ASSOCIATED_TOKEN = new PublicKey('ATokenGPvbdGVxr1b2hvZbsiqW5xWH25efTNsLJA8knL')
const MEMO = new PublicKey('MemoSq4gqABAXKb96qnH8TysNcWxMyWCqXgDLGmfcHr')
const LIGHTHOUSE = new PublicKey('L2TExMFKdjpN9kozasaurPirfHy9P8sbXoAN1qA3S95')

const offers = [
  {
    network: 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp',
    asset: 'EPjFWdd5AufqSSqeM2qN1xzybapC8G4wEGGkZwyTDt1v',
  },
  {
    network: 'solana:EtWTRABZaYq6iMfeYKouRu166VU2xqa1',
    asset: '4zMMC9srt5Ri5X14GAgXhaHii3GnPAEERYPJgZJDncDU',
  },
] as const

const bytes32 = fc.uint8Array({ minLength: 32, maxLength: 32 })
const payment = fc.record({
  offer: fc.constantFrom(...offers),
  keypair: bytes32.map((seed) => Keypair.fromSeed(seed)),
  // Any 32 bytes can be paid: a program's vault is off the curve.
  payTo: bytes32.map((bytes) => getBase58Decoder().decode(bytes)),
  amount: fc.bigInt({ min: 1n, max: 2n ** 64n - 1n }),
  memo: fc.string({ unit: fc.constantFrom(...'aZ09 -_.:/é漢'), minLength: 1, maxLength: 80 }),
  recentBlockhash: bytes32.map((bytes) => getBase58Decoder().decode(bytes)),
})
type Payment = typeof payment extends fc.Arbitrary<infer T> ? T : never

function sample(): Payment {
  const [input] = fc.sample(payment, 1)
  if (input === undefined) throw new Error('no sample')
  return input
}

function requirementsOf(input: Payment, feePayer: string) {
  const { memo, recentBlockhash } = input
  return {
    scheme: 'exact',
    network: input.offer.network satisfies Network,
    asset: input.offer.asset,
    amount: input.amount.toString(),
    payTo: input.payTo,
    maxTimeoutSeconds: 60,
    extra: { feePayer, memo, recentBlockhash },
  }
}

async function pay(
  signer: Parameters<typeof solanaSigner>[0],
  { offer, payTo, amount, memo, recentBlockhash }: Payment,
  feePayer: string,
) {
  const extra = { feePayer, memo, recentBlockhash }
  const context = { now: 1_800_000_000, validity: 60, rpc: [], fetch }
  const wallet = solanaSigner(signer)
  const signed = await (await wallet.prepare({ ...offer, payTo, amount, extra }, context)).sign()
  const transaction = String(signed.payload.transaction)
  return { ...signed, transaction, wire: Uint8Array.from(Buffer.from(transaction, 'base64')) }
}

const FEE_PAYER = Keypair.generate().publicKey.toBase58()

const officialTokenAccount = (owner: PublicKey, mint: string) =>
  PublicKey.findProgramAddressSync(
    [owner.toBuffer(), TOKEN.toBuffer(), new PublicKey(mint).toBuffer()],
    ASSOCIATED_TOKEN,
  )[0]

describe('a Solana payment', () => {
  test('is the same bytes as the official client makes', async () => {
    const mint = Buffer.alloc(82)
    mint[44] = 6
    mint[45] = 1
    const value = {
      data: [mint.toString('base64'), 'base64'],
      executable: false,
      lamports: 1,
      owner: TOKEN.toBase58(),
      rentEpoch: 0,
      space: 82,
    }
    const rpc = await startRpcDouble({ getAccountInfo: () => ({ context: { slot: 1 }, value }) })
    await fc.assert(
      fc.asyncProperty(payment, async (input) => {
        const signer = await createKeyPairSignerFromBytes(input.keypair.secretKey)
        const official = new ExactSvmScheme(signer, { rpcUrl: rpc.url })
        const theirs = await official.createPaymentPayload(2, requirementsOf(input, FEE_PAYER))
        const ours = await pay(input.keypair, input, FEE_PAYER)
        expect(ours.payload).toEqual(theirs.payload)
      }),
      { numRuns: 50 },
    )
  })

  test('reads in web3.js as compute limit, compute price, checked transfer and memo', async () => {
    await fc.assert(
      fc.asyncProperty(payment, async (input) => {
        const { wire } = await pay(input.keypair, input, FEE_PAYER)
        const { message } = VersionedTransaction.deserialize(wire)
        const { instructions, payerKey, recentBlockhash } = TransactionMessage.decompile(message)
        const owner = input.keypair.publicKey
        const mint = new PublicKey(input.offer.asset)
        const data = Buffer.alloc(10)
        data[0] = 12
        data.writeBigUInt64LE(input.amount, 1)
        data[9] = 6
        expect(payerKey.toBase58()).toBe(FEE_PAYER)
        expect(recentBlockhash).toBe(input.recentBlockhash)
        expect(instructions).toHaveLength(4)
        expect(instructions[0]).toEqual(ComputeBudgetProgram.setComputeUnitLimit({ units: 20_000 }))
        expect(instructions[1]).toEqual(
          ComputeBudgetProgram.setComputeUnitPrice({ microLamports: 1 }),
        )
        expect(instructions[2]).toEqual(
          new TransactionInstruction({
            programId: TOKEN,
            keys: [
              {
                pubkey: officialTokenAccount(owner, input.offer.asset),
                isSigner: false,
                isWritable: true,
              },
              { pubkey: mint, isSigner: false, isWritable: false },
              {
                pubkey: officialTokenAccount(new PublicKey(input.payTo), input.offer.asset),
                isSigner: false,
                isWritable: true,
              },
              { pubkey: owner, isSigner: true, isWritable: false },
            ],
            data,
          }),
        )
        expect(instructions[3]).toEqual(
          new TransactionInstruction({ programId: MEMO, keys: [], data: Buffer.from(input.memo) }),
        )
      }),
      { numRuns: 50 },
    )
  })

  test('is accepted by the official facilitator from every kind of signer', async () => {
    const { feePayer, verify } = await officialFacilitator()
    await fc.assert(
      fc.asyncProperty(payment, async (input) => {
        const { secretKey } = input.keypair
        const kit = await createKeyPairSignerFromBytes(secretKey)
        const signers = [
          input.keypair,
          secretKey,
          getBase58Decoder().decode(secretKey),
          nacl.sign.keyPair.fromSecretKey(secretKey),
          kit,
          modifying(input.keypair),
        ]
        const seen = new Set<string>()
        for (const signer of signers) {
          const { payload, transaction } = await pay(signer, input, feePayer)
          seen.add(transaction)
          expect(await verify(payload, requirementsOf(input, feePayer))).toMatchObject({
            isValid: true,
            payer: input.keypair.publicKey.toBase58(),
          })
        }
        expect(seen.size).toBe(1)
      }),
      { numRuns: 8 },
    )
  })

  test('is the same transaction where WebCrypto has no Ed25519', async () => {
    const input = sample()
    const native = await pay(input.keypair, input, FEE_PAYER)
    const missing = vi
      .spyOn(crypto.subtle, 'importKey')
      .mockRejectedValue(new DOMException('Unrecognized name.', 'NotSupportedError'))
    const fallback = await pay(input.keypair, input, FEE_PAYER)
    expect(missing).toHaveBeenCalled()
    missing.mockRestore()
    expect(fallback.transaction).toBe(native.transaction)
  })

  test('is refused by the official facilitator once a bit of it is changed', async () => {
    const { feePayer, verify } = await officialFacilitator()
    const input = sample()
    const { wire } = await pay(input.keypair, input, feePayer)
    for (const at of [65, 128, 134, 166, 300, wire.length - 2]) {
      const changed = wire.map((byte, index) => (index === at ? byte ^ 1 : byte))
      const transaction = Buffer.from(changed).toString('base64')
      const verdict = await verify({ transaction }, requirementsOf(input, feePayer))
      expect(verdict.isValid, `byte ${at}`).toBe(false)
    }
  })

  test('has a memo nobody else has when the offer names none', async () => {
    const input = sample()
    const wallet = solanaSigner(input.keypair)
    const { offer, payTo, amount, recentBlockhash } = input
    const terms = { ...offer, payTo, amount, extra: { feePayer: FEE_PAYER, recentBlockhash } }
    const context = { now: 1, validity: 60, rpc: [], fetch }
    const memos = new Set<string | undefined>()
    for (let count = 0; count < 100; count++) {
      memos.add((await wallet.prepare(terms, context)).evidence.memo)
    }
    expect(memos.size).toBe(100)
    for (const memo of memos) expect(memo).toMatch(/^[0-9a-f]{32}$/)
  })

  test('names our own signature in its evidence, second on chain', async () => {
    const input = sample()
    const { wire, evidence } = await pay(input.keypair, input, FEE_PAYER)
    const [first, second] = VersionedTransaction.deserialize(wire).signatures
    expect(first).toEqual(new Uint8Array(64))
    expect(evidence.signature).toBe(getBase58Decoder().decode(second ?? new Uint8Array()))
    expect(evidence.account).toBe(
      officialTokenAccount(input.keypair.publicKey, input.offer.asset).toBase58(),
    )
  })
})

type Change = (
  instructions: TransactionInstruction[],
  message: { payer: PublicKey; blockhash: string },
) => void

/** A wallet that may change what it is asked to sign before it signs, as Phantom does. */
function modifying(keypair: Keypair, change?: Change) {
  return {
    address: keypair.publicKey.toBase58(),
    async modifyAndSignTransactions(transactions: readonly KitTransaction[]) {
      return transactions.map(({ messageBytes }) => {
        const unsigned = new Uint8Array([2, ...new Uint8Array(128), ...Array.from(messageBytes)])
        const asked = VersionedTransaction.deserialize(unsigned).message
        const { instructions, payerKey, recentBlockhash } = TransactionMessage.decompile(asked)
        const message = { payer: payerKey, blockhash: recentBlockhash }
        change?.(instructions, message)
        const compiled = change
          ? new TransactionMessage({
              payerKey: message.payer,
              recentBlockhash: message.blockhash,
              instructions,
            }).compileToV0Message()
          : asked
        const signed = new VersionedTransaction(compiled)
        signed.sign([keypair])
        return getTransactionDecoder().decode(signed.serialize())
      })
    },
  }
}

const guardSaying = (data: Buffer, ...accounts: readonly PublicKey[]) =>
  new TransactionInstruction({
    programId: LIGHTHOUSE,
    keys: accounts.map((pubkey) => ({ pubkey, isSigner: false, isWritable: false })),
    data,
  })
// The second of its instructions that only asserts: AssertAccountDataMulti.
const guard = (...accounts: readonly PublicKey[]) =>
  guardSaying(Buffer.from([3, 0, 0]), ...accounts)

describe('a wallet that changes the transaction', () => {
  test.each<[string, Change]>([
    ['one guard at the end', (instructions) => instructions.push(guard())],
    ['two guards at the end', (instructions) => instructions.push(guard(), guard(MEMO))],
    ['a guard before the memo', (instructions) => instructions.splice(3, 0, guard())],
  ])('may add %s, and the official facilitator accepts it', async (_, change) => {
    const { feePayer, verify } = await officialFacilitator()
    const input = sample()
    const { payload } = await pay(modifying(input.keypair, change), input, feePayer)
    expect(await verify(payload, requirementsOf(input, feePayer))).toMatchObject({ isValid: true })
  })

  const stranger = Keypair.generate().publicKey
  test.each<[string, Change]>([
    ['a guard before the transfer', (instructions) => instructions.unshift(guard())],
    [
      'a guard that writes to its memory',
      (instructions) => instructions.push(guardSaying(Buffer.from([0, 0, 255]))),
    ],
    [
      'a guard that closes its memory',
      (instructions) => instructions.push(guardSaying(Buffer.from([1, 0, 255]))),
    ],
    ['a guard that says nothing', (instructions) => instructions.push(guardSaying(Buffer.of()))],
    [
      'its lifetime, by a nonce account',
      (instructions) =>
        instructions.unshift(
          SystemProgram.nonceAdvance({ noncePubkey: stranger, authorizedPubkey: stranger }),
        ),
    ],
    [
      'what it does, by sending lamports',
      (instructions) => {
        const owner = instructions[2]?.keys[3]?.pubkey ?? stranger
        instructions.push(
          SystemProgram.transfer({ fromPubkey: owner, toPubkey: stranger, lamports: 1 }),
        )
      },
    ],
    [
      'who may spend the tokens, by an approval',
      (instructions) => {
        const [source, , , owner] = instructions[2]?.keys ?? []
        if (!source || !owner) throw new Error('the transfer has four accounts')
        instructions.push(
          new TransactionInstruction({
            programId: TOKEN,
            keys: [source, { pubkey: stranger, isSigner: false, isWritable: false }, owner],
            data: Buffer.from([4, 255, 255, 255, 255, 255, 255, 255, 255]), // Approve.
          }),
        )
      },
    ],
    ['four guards', (instructions) => instructions.push(guard(), guard(), guard(), guard())],
    [
      'an instruction of another program',
      (instructions) =>
        instructions.push(new TransactionInstruction({ programId: stranger, keys: [] })),
    ],
    ['a second transfer', (instructions) => instructions.push(...instructions.slice(2, 3))],
    ['a second memo', (instructions) => instructions.push(...instructions.slice(3, 4))],
    ['the order of two instructions', (instructions) => instructions.reverse()],
    ['the memo, by leaving it out', (instructions) => instructions.pop()],
    ['the compute price', ([, price]) => price?.data.writeUInt8(9, 1)],
    [
      'the amount',
      ([, , transfer]) => transfer?.data.writeUInt8(transfer.data.readUInt8(1) ^ 1, 1),
    ],
    ['the decimals', ([, , transfer]) => transfer?.data.writeUInt8(9, 9)],
    [
      'the destination',
      ([, , transfer]) => {
        const destination = transfer?.keys[2]
        if (destination) destination.pubkey = stranger
      },
    ],
    ['the text of the memo', ([, , , memo]) => memo?.data.writeUInt8(63, 0)],
    ['the fee payer', (_, message) => Object.assign(message, { payer: stranger })],
    ['the blockhash', (_, message) => Object.assign(message, { blockhash: stranger.toBase58() })],
    [
      'the signers, by asking for one more',
      (instructions) => {
        const instruction = guard(stranger)
        for (const key of instruction.keys) key.isSigner = true
        instructions.push(instruction)
      },
    ],
  ])('may not change %s: it is not sent', async (_, change) => {
    const input = { ...sample(), memo: 'a memo' }
    const own = modifying(input.keypair, (instructions, message) => {
      const copies = instructions.map(
        ({ programId, keys, data }) =>
          new TransactionInstruction({ programId, keys: [...keys], data: Buffer.from(data) }),
      )
      change(copies, message)
      instructions.splice(0, instructions.length, ...copies)
    })
    await expect(pay(own, input, FEE_PAYER)).rejects.toMatchObject({ code: 'bad_signature' })
  })

  test('may not make the payer writable, which would let a guard spend its lamports', async () => {
    const input = sample()
    const own = modifying(input.keypair, (instructions) => {
      const instruction = guard(input.keypair.publicKey)
      for (const key of instruction.keys) key.isWritable = true
      instructions.push(instruction)
    })
    await expect(pay(own, input, FEE_PAYER)).rejects.toMatchObject({ code: 'bad_signature' })
  })
})

const signedInstead = (keypair: Keypair, message: Uint8Array) => {
  const signatures = { fee: null, own: nacl.sign.detached(message, keypair.secretKey) }
  return {
    address: keypair.publicKey.toBase58(),
    modifyAndSignTransactions: async () => [{ messageBytes: message, signatures }],
  }
}

test('a wallet that returns no transaction, or somebody else’s signature, is not believed', async () => {
  const input = sample()
  const { wire } = await pay(input.keypair, input, FEE_PAYER)
  const address = input.keypair.publicKey.toBase58()
  const returning = (signatures: Record<string, Uint8Array>) => ({
    address,
    signTransactions: async () => [signatures],
  })
  const stranger = Keypair.generate()
  const theirs = nacl.sign.detached(wire.subarray(129), stranger.secretKey)
  const table = Uint8Array.from([...wire.subarray(129, wire.length - 1), 1, ...new Uint8Array(34)])
  const unsigned = TransactionMessage.decompile(VersionedTransaction.deserialize(wire).message)
  const cosigner = new TransactionInstruction({
    programId: LIGHTHOUSE,
    keys: [{ pubkey: stranger.publicKey, isSigner: true, isWritable: false }],
  })
  for (const key of unsigned.instructions[2]?.keys ?? []) key.isSigner = false
  unsigned.instructions.push(cosigner)
  for (const signer of [
    signedInstead(input.keypair, unsigned.compileToV0Message().serialize()),
    returning({}),
    returning({ [address]: theirs }),
    returning({ [address]: new Uint8Array(63) }),
    returning({ [address]: wire.subarray(65, 129), [stranger.publicKey.toBase58()]: theirs }),
    signedInstead(input.keypair, new Uint8Array()),
    signedInstead(input.keypair, wire.subarray(129, 400)),
    signedInstead(input.keypair, Uint8Array.from([...wire.subarray(129), 0])),
    signedInstead(input.keypair, table),
    signedInstead(input.keypair, Uint8Array.from([0x81, ...wire.subarray(130)])),
    signedInstead(input.keypair, wire.subarray(130)),
    { address, modifyAndSignTransactions: async () => [] },
  ]) {
    await expect(pay(signer, input, FEE_PAYER)).rejects.toMatchObject({ code: 'bad_signature' })
  }
})

test('whatever byte of the message is changed before our own key signs it, it is not sent', async () => {
  const input = sample()
  const { wire } = await pay(input.keypair, input, FEE_PAYER)
  const message = wire.subarray(129)
  for (const at of message.keys()) {
    const changed = message.map((byte, index) => (index === at ? byte ^ (1 << (at % 8)) : byte))
    const payment = pay(signedInstead(input.keypair, changed), input, FEE_PAYER)
    await expect(payment, `byte ${at}`).rejects.toMatchObject({ code: 'bad_signature' })
  }
})

test('a secret key whose public half belongs to another seed is noticed at its first signature', async () => {
  const input = sample()
  const mixed = Uint8Array.from([
    ...input.keypair.secretKey.slice(0, 32),
    ...Keypair.generate().publicKey.toBytes(),
  ])
  await expect(pay(mixed, input, FEE_PAYER)).rejects.toMatchObject({ code: 'bad_signature' })
  await expect(solanaSigner(mixed).signMessage('hello')).rejects.toMatchObject({
    code: 'bad_signature',
  })
})

test('Solana messages are signed over their UTF-8 bytes, in base64, by every kind of signer', async () => {
  await fc.assert(
    fc.asyncProperty(fc.string({ unit: 'binary' }), bytes32, async (message, seed) => {
      const keypair = Keypair.fromSeed(seed)
      const kit: KeyPairSigner = await createKeyPairSignerFromBytes(keypair.secretKey)
      const modifyingMessages = {
        ...modifying(keypair),
        modifyAndSignMessages: async (messages: readonly KitMessage[]) =>
          messages.map(({ content }) =>
            createSignableMessage(Uint8Array.from(content), {
              [kit.address]: Object.assign(
                nacl.sign.detached(Uint8Array.from(content), keypair.secretKey),
              ),
            }),
          ),
      }
      for (const signer of [keypair, keypair.secretKey, kit, modifyingMessages]) {
        const signature = Buffer.from(await solanaSigner(signer).signMessage(message), 'base64')
        const bytes = new TextEncoder().encode(message)
        expect(nacl.sign.detached.verify(bytes, signature, keypair.publicKey.toBytes())).toBe(true)
      }
    }),
    { numRuns: 20 },
  )
})

test('token accounts and the curve agree with web3.js', async () => {
  await fc.assert(
    fc.asyncProperty(bytes32, async (bytes) => {
      expect(isOnCurve(bytes)).toBe(PublicKey.isOnCurve(bytes))
      const owner = new PublicKey(bytes)
      const [{ asset }] = offers
      expect(await tokenAccount(owner.toBase58(), asset)).toBe(
        officialTokenAccount(owner, asset).toBase58(),
      )
    }),
    { numRuns: 200 },
  )
})

test('the wire form decodes in kit, base64 as it is', async () => {
  const input = sample()
  const { transaction } = await pay(input.keypair, input, FEE_PAYER)
  const decoded = getTransactionDecoder().decode(getBase64Encoder().encode(transaction))
  expect(Object.keys(decoded.signatures)).toEqual([FEE_PAYER, input.keypair.publicKey.toBase58()])
})
