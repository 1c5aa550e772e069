import { ORIGIN } from '../World'
import { ask, type Twist, twists } from './asking'
import { isPast, type Paid, type Scene } from './Scene'
import type { Asked, System } from './System'

/** Hands an outcome to who asked; false where nobody is there any more. */
type Deliver = (outcome: Response | Error) => boolean

/** Carries a request to the seller and its answer back. */
export type Network = (process: string, url: string, init: RequestInit, deliver: Deliver) => void

const [FIRST_TWIST, ...OTHER_TWISTS] = Object.keys(twists) as [Twist, ...Twist[]] // as it is written

/** The way to `system` and back, on which anything can go wrong. */
export function createNetwork(scene: Scene, system: System): Network {
  const { plan, chance, timeline, signed, holder, goesWrong } = scene
  const headers = new Map<Paid, string>()

  const paidIn = (init: RequestInit, body: string): Paid | undefined => {
    const given = new Headers(init.headers)
    const header = given.get('payment-signature') ?? given.get('x-payment')
    const nonce = header === null ? system.paymentIn?.(body) : nonceIn(header)
    if (nonce === undefined) return undefined
    const paid = signed.get(nonce)
    if (!paid) scene.fail('unknown payment', nonce)
    // The same one each time, to the letter.
    if (paid && header !== null && (headers.get(paid) ?? header) !== header)
      scene.fail('another payload under one signature', nonce)
    if (paid && header !== null) headers.set(paid, header)
    return paid
  }

  // Whatever becomes of a request: from now on its signature may be used.
  const leave = (paid: Paid, asked: Asked) => {
    scene.count('presented')
    const thing = system.thingOf(asked)
    if (paid.thing) {
      if (paid.thing.name === thing.name) return
      return scene.fail('sent for another thing', `${paid.nonce}: ${thing.name}`)
    }
    paid.thing = thing
    scene.count('payment sent')
    let held = 0n
    for (const other of signed.values()) {
      const isDead = !other.settled && isPast(other, scene.seconds())
      if (!other.thing || isDead) continue
      held += other.amount
      if (other === paid || other.thing.name !== thing.name || thing.mayFollow(other)) continue
      scene.fail('double payment', `${other.nonce} and ${paid.nonce} for ${thing.name}`)
    }
    if (held > 100_000_000n * BigInt(plan.room)) scene.fail('over the budget', `${held}`)
  }

  const answerTo = (asked: Asked): Response => {
    if (!goesWrong(plan.hostile)) return system.answer(asked)
    const twist = chance.pick(FIRST_TWIST, ...OTHER_TWISTS)
    scene.count(`terms changed: ${twist}`)
    const { path } = asked
    return ask({ holder, amount: 1_000_000n, path, version: plan.version }, twist)
  }

  return (process, url, init, deliver) => {
    if (!url.startsWith(`${ORIGIN}/`)) return scene.fail('sent to another origin', url)
    const path = url.slice(ORIGIN.length)
    const body = typeof init.body === 'string' ? init.body : ''
    const paid = paidIn(init, body)
    const asked: Asked = {
      method: init.method ?? 'GET',
      path,
      body,
      headers: new Headers(init.headers),
      paid,
    }
    if (paid) leave(paid, asked)
    const fault = goesWrong(plan.faults)
      ? chance.pick('lost before', 'lost after', 'silence', 'cut', 'too many', 'slow')
      : undefined
    if (fault) scene.count(`fault: ${fault}`)
    scene.log(() => `${process} -> ${path} ${paid ? paid.nonce : ''} ${fault ?? ''}`)
    const travel = () => chance.between(5, 300) + (fault === 'slow' ? chance.between(0, 8_000) : 0)
    timeline.after(travel(), () => {
      if (fault === 'lost before') return void deliver(new TypeError('fetch failed'))
      if (fault === 'too many') return void deliver(new Response(null, { status: 429 }))
      const answer = answerTo(asked)
      if (fault === 'silence') return
      timeline.after(travel(), () => {
        scene.log(() => `${process} <- ${path} ${answer.status} ${fault ?? ''}`)
        if (fault === 'lost after') return void deliver(new TypeError('fetch failed'))
        if (fault === 'cut' && answer.body) return void deliver(cut(scene, answer))
        const bought = scene.goods.get(answer)
        if (deliver(answer) && bought) bought.arrived = true
      })
    })
  }
}

function nonceIn(header: string): string {
  return JSON.parse(Buffer.from(header, 'base64').toString()).payload.nonce
}

/** The same answer, broken off in its midst. */
function cut({ platform }: Scene, { status, headers }: Response): Response {
  return platform.respond({ status, headers: Object.fromEntries(headers) }, '{"ha', 'cut')
}
