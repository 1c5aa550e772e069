import type { Gateway, Reply, Request } from './gateway'
import { readPayment } from './gateway'
import type { Ledger } from './ledger'
import type { Rpc } from './rpc'
import { base64, tokenWith } from './terms'
import { EVM, ORIGIN, type World } from './World'

/** How an answer reaches the process that asked, if it still can. */
export type Deliver = (outcome: Response | Error) => void
type Outcome = { readonly reply: Reply; readonly cut?: boolean } | { readonly lost: Error }

export type Network = {
  readonly send: (process: string, url: string, init: RequestInit, deliver: Deliver) => void
}

const FAULTS = [
  'drop',
  'drop',
  'hang',
  'server error',
  'too many',
  'unauthorized',
  'payment required',
  'redirect',
  'cut',
  'receipt lost',
  'receipt spoofed',
  'slow',
  'twice',
] as const
type Fault = (typeof FAULTS)[number]

const ATTACKER = `0x${'e'.repeat(40)}`
/** Addresses that somebody between the gateway and us wants to be paid at; which one depends on the chain. */
const THIEVES = [`0x${'c'.repeat(40)}`, 'EnTJCS15dqbDTU2XywYSMaScoPv4Py4GzExrtY9DQxoD'] as const
/** A token of somebody else's: whoever carries it has fallen for it. */
const EVIL_TOKEN = tokenWith({ sub: ATTACKER })

export function createNetwork(world: World, gateway: Gateway, rpc: Rpc, ledger: Ledger): Network {
  const { plan, chance, timeline } = world
  const travel = () => chance.between(1, plan.travel)

  const drawFault = ({ payment }: Request): Fault | undefined => {
    if (!world.goesWrong(plan.faults)) return undefined
    const fault = chance.pick(...FAULTS)
    // A gateway that denies credit which was never asked about by a payment is simply believed.
    if (fault === 'payment required' && payment === undefined) return 'drop'
    // Where nobody can sign in, a token refused is credit lost: nobody could do better.
    if (fault === 'unauthorized' && plan.gateway.signIn === 'none') return 'server error'
    return fault
  }

  // The answer in the place of the gateway's own; undefined where its own goes through.
  const inPlace = (fault: Fault): Outcome | 'never' | undefined => {
    switch (fault) {
      case 'drop':
        return { lost: new TypeError('fetch failed') }
      case 'hang':
        return 'never'
      case 'server error':
        return { reply: { status: chance.pick(500, 502, 503, 504), headers: {} } }
      case 'too many': {
        const wait = chance.pick('', '1', '1000000000', '-1')
        return { reply: { status: 429, headers: wait ? { 'retry-after': wait } : {} } }
      }
      case 'unauthorized':
        return { reply: { status: 401, headers: {} } }
      case 'payment required':
        return { reply: { status: 402, headers: spuriousTerms() } }
      case 'redirect':
        return { reply: { status: 307, headers: { location: 'https://evil.test/' } } }
      default:
        return undefined
    }
  }

  const spuriousTerms = (): Record<string, string> =>
    chance.happens(0.3)
      ? {}
      : { 'payment-required': gateway.challenge(undefined, chance.pick(undefined, ...THIEVES)) }

  const bend = (reply: Reply, fault: Fault | undefined): Outcome => {
    if (fault === 'cut') return { reply, cut: true }
    if (fault === 'receipt lost') {
      const { 'payment-response': _, ...headers } = reply.headers
      return { reply: { ...reply, headers } }
    }
    if (fault === 'receipt spoofed') {
      const payer = chance.pick(ATTACKER, undefined)
      const network = payer ? EVM.network : 'eip155:1'
      const jwt = EVIL_TOKEN
      const receipt = base64({ success: true, transaction: '0xevil', network, payer, jwt })
      return { reply: { ...reply, headers: { ...reply.headers, 'payment-response': receipt } } }
    }
    return { reply }
  }

  const respond = (outcome: Outcome) => {
    if ('lost' in outcome) return outcome.lost
    const { status, headers, text = '' } = outcome.reply
    return world.platform.respond({ status, headers }, text, outcome.cut ? 'cut' : 'whole')
  }

  // An RPC server errs in any way there is, but does not lie.
  const sendRpc = (init: RequestInit, deliver: Deliver) => {
    const { method, params } = JSON.parse(String(init.body))
    const told = (outcome: Outcome) => timeline.after(travel(), () => deliver(respond(outcome)))
    world.count('rpc')
    const fault = world.goesWrong(plan.chain.outages)
      ? chance.pick('lost', 'hang', 'status', 'error', 'garbage')
      : undefined
    if (fault === 'hang') return
    if (fault === 'lost') return told({ lost: new TypeError('fetch failed') })
    if (fault === 'status') return told({ reply: { status: 503, headers: {}, text: 'later' } })
    if (fault === 'error')
      return told({ reply: { status: 200, headers: {}, text: '{"error":{"code":-32005}}' } })
    if (fault === 'garbage')
      return told({ reply: { status: 200, headers: {}, text: '{"result":{}}' } })
    const result = rpc(method, params)
    world.log(() => `   rpc ${method} ${JSON.stringify(result)}`)
    return told({ reply: { status: 200, headers: {}, text: JSON.stringify({ result }) } })
  }

  return {
    send: (process, url, init, deliver) => {
      if (url.startsWith('https://rpc')) return sendRpc(init, deliver)
      const request = read(url, init)
      if (!url.startsWith(`${ORIGIN}/`)) return world.fail('sent to another origin', url)
      if (request.token === EVIL_TOKEN) world.fail('carries a foreign token', url)
      if (request.call !== undefined && world.calls[request.call]?.abortedAt !== undefined) {
        world.fail('sent after abort', url)
      }
      if (request.payment !== undefined) {
        ledger.onSend(readPayment(world, request.payment), request.payment, request.call)
      }
      const fault = drawFault(request)
      const isBefore = fault !== undefined && chance.happens(0.5)
      if (fault) world.count(`fault: ${fault}`)
      world.log(() => {
        const paid = request.payment === undefined ? '' : ' paid'
        return `${process} -> ${request.path}${request.token ? ' token' : ''}${paid}`
      })
      const replaced = fault && inPlace(fault)
      const told = (outcome: Outcome) => {
        world.log(() => `${process} <- ${request.path} ${describe(outcome)} ${fault ?? ''}`)
        if ('reply' in outcome && outcome.reply.status === 200 && !isAside(request)) {
          world.servedAt = timeline.now()
        }
        deliver(respond(outcome))
      }
      const extra = fault === 'slow' ? chance.between(1_000, 40_000) : 0
      if (isBefore && replaced) {
        if (replaced !== 'never') timeline.after(travel(), () => told(replaced))
        return
      }
      timeline.after(travel() + (isBefore ? extra : 0), () => {
        const reply = gateway.handle(request)
        if (fault === 'twice') timeline.after(travel(), () => gateway.handle(request))
        if (replaced === 'never') return
        const outcome = replaced ?? bend(reply, fault)
        timeline.after(travel() + extra, () => told(outcome))
      })
    },
  }
}

// Answered without credit, and no service.
function isAside({ path }: Request): boolean {
  return path === '/v1/x402/auth' || path === '/api/v1/balance'
}

function describe(outcome: Outcome): string {
  if ('lost' in outcome) return 'lost'
  return `${outcome.reply.status}${outcome.cut ? ' cut' : ''}`
}

function read(url: string, init: RequestInit): Request {
  const headers = init.headers as Headers // as transport() passes them
  const path = url.slice(ORIGIN.length)
  const call = path.startsWith('/call/') ? Number(path.slice('/call/'.length)) : undefined
  return {
    path,
    call,
    token: headers.get('authorization')?.replace('Bearer ', ''),
    payment: headers.get('payment-signature') ?? undefined,
    proof: headers.get('sign-in-with-x') ?? undefined,
  }
}
