import type { MockGateway } from '@arouter/mock-gateway'
import { getRequestListener } from '@hono/node-server'
import { generateKeyPairSigner } from '@solana/kit'
import type { PaymentOption } from '@x402/core/http'
import { ExactEvmScheme } from '@x402/evm/exact/server'
import * as byExpress from '@x402/express'
import {
  createOfferReceiptExtension,
  declareOfferReceiptExtension,
  type OfferReceiptIssuer,
} from '@x402/extensions/offer-receipt'
import * as byHono from '@x402/hono'
import { ExactSvmScheme } from '@x402/svm/exact/server'
import express from 'express'
import { Hono } from 'hono'
import { generatePrivateKey, privateKeyToAccount } from 'viem/accounts'
import { listen } from './listen'

export const BASE = 'eip155:8453'
export const SOLANA = 'solana:5eykt4UsFv8P8NJdTREpY1vzqKqZKvdp'

/** What a seller of the official middleware has sold, and where it is. */
export type Seller = { readonly url: string; readonly sold: string[] }

/** How a seller signs its offers and receipts, who is paid, and the document of its keys (did:web). */
export type Signing = {
  readonly issuer: OfferReceiptIssuer
  readonly payTo?: string
  readonly document?: () => object
}

async function offerOn(
  network: typeof BASE | typeof SOLANA,
  signing: Signing | undefined,
): Promise<PaymentOption> {
  const payTo =
    signing?.payTo ??
    (network === BASE
      ? privateKeyToAccount(generatePrivateKey()).address
      : (await generateKeyPairSigner()).address)
  return { scheme: 'exact', network, price: '$0.01', payTo }
}

/** `GET /joke` for one cent, sold by `@x402/hono` on a chain of `gateway`; `GET /song` has none to sell. */
export async function honoSeller(
  gateway: MockGateway,
  network: typeof BASE | typeof SOLANA,
  signing?: Signing,
): Promise<Seller> {
  const server = new byHono.x402ResourceServer(gateway.facilitator)
    .register(BASE, new ExactEvmScheme())
    .register(SOLANA, new ExactSvmScheme())
  if (signing) server.registerExtension(createOfferReceiptExtension(signing.issuer))
  const accepts = await offerOn(network, signing)
  const extensions = signing && declareOfferReceiptExtension({ includeTxHash: true })
  const route = { accepts, ...(extensions && { extensions }) }
  const sold: string[] = []
  const app = new Hono()
  const routes = { 'GET /joke': route, 'GET /song': route }
  app.use(byHono.paymentMiddleware(routes, server))
  app.get('/.well-known/did.json', (c) => c.json(signing?.document?.() ?? {}))
  app.get('/song', (c) => c.json({ error: 'no such song' }, 404))
  app.get('/joke', (c) => {
    sold.push('joke')
    return c.json({ joke: sold.length })
  })
  return { url: await listen(getRequestListener(app.fetch)), sold }
}

/** The same by `@x402/express`. */
export async function expressSeller(
  gateway: MockGateway,
  network: typeof BASE | typeof SOLANA,
  signing?: Signing,
): Promise<Seller> {
  const server = new byExpress.x402ResourceServer(gateway.facilitator)
    .register(BASE, new ExactEvmScheme())
    .register(SOLANA, new ExactSvmScheme())
  if (signing) server.registerExtension(createOfferReceiptExtension(signing.issuer))
  const accepts = await offerOn(network, signing)
  const extensions = signing && declareOfferReceiptExtension({ includeTxHash: true })
  const route = { accepts, ...(extensions && { extensions }) }
  const sold: string[] = []
  const app = express()
  const routes = { 'GET /joke': route, 'GET /song': route }
  app.use(byExpress.paymentMiddleware(routes, server))
  app.get('/.well-known/did.json', (_, response) => {
    response.json(signing?.document?.() ?? {})
  })
  app.get('/song', (_, response) => {
    response.status(404).json({ error: 'no such song' })
  })
  app.get('/joke', (_, response) => {
    sold.push('joke')
    response.json({ joke: sold.length })
  })
  return { url: await listen(app), sold }
}
