import { askChat, insist, isServed } from './ask'
import { base64, envelope, forgeJwt, SOLANA } from './offers'
import type { PayerFactory } from './Payer'
import type { Capability } from './Scenario'
import { capabilities } from './Scenario'
import { signInOffer } from './scenarios/signInOffer'
import { challenge, goodOffer, isSignIn, originOf, shopOf, shopOfV1 } from './shop'
import type { Stage } from './stage'
import { openStage } from './stage'
import type { Till } from './till'
import { paymentHeader } from './till'

/** Whether a payer does a thing when all is well. */
const trials: Readonly<Record<Capability, (stage: Stage) => Promise<boolean>>> = {
  evm: async (stage) => serves(stage, (await shopOf(stage, [await goodOffer(stage)])).url),
  solana: async (stage) =>
    serves(stage, (await shopOf(stage, [await goodOffer(stage, SOLANA)])).url),
  v1: async (stage) => serves(stage, (await shopOfV1(stage, [await goodOffer(stage)])).url),
  session: async (stage) => {
    const jwt = forgeJwt()
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) => {
      if (isSignIn(seen)) return undefined
      if (!paymentHeader(seen.headers)) return challenge(envelope(originOf(seen), [offer]))
      const payer = stage.wallets.evm.address
      const receipt = { success: true, transaction: '0x1', network: offer.network, payer, jwt }
      return { headers: { 'payment-response': base64(receipt) }, body: 'served' }
    })
    const fetch = await stage.payer(site.url)
    await askChat(fetch, site.url)
    await askChat(fetch, site.url)
    return site.seen.some(({ headers }) => headers.authorization === `Bearer ${jwt}`)
  },
  'sign-in': async (stage) => {
    const gateway = await stage.gateway()
    const fetch = await stage.payer(gateway.url)
    await askChat(fetch, gateway.url)
    gateway.state.expireTokens()
    await insist(fetch, gateway.url, 2)
    return gateway.state.counts().signIns > 0
  },
  siwx: async (stage) => {
    const offer = await goodOffer(stage)
    const site = await stage.serve((seen) => {
      if (isSignIn(seen)) return undefined
      if (seen.headers['sign-in-with-x'] !== undefined) return { body: 'served' }
      const extensions = signInOffer(originOf(seen))
      return challenge(envelope(originOf(seen), [offer], { extensions }))
    })
    return serves(stage, site.url, () =>
      site.seen.some((seen) => !isSignIn(seen) && seen.headers['sign-in-with-x'] !== undefined),
    )
  },
}

/** Tries out what a payer can do. One that can pay nowhere counts as one for EVM chains. */
export async function findCapabilities(
  factory: PayerFactory,
  till: Till,
): Promise<ReadonlySet<Capability>> {
  const found = new Set<Capability>()
  for (const capability of capabilities) {
    const stage = await openStage(factory, till)
    if (await trials[capability](stage)) found.add(capability)
    await stage.close()
  }
  if (!found.has('solana')) found.add('evm')
  return found
}

async function serves(stage: Stage, url: string, also = () => true): Promise<boolean> {
  return isServed(await askChat(await stage.payer(url), url)) && also()
}
