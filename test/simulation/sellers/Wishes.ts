import { isARouterError } from '../../../packages/sdk/src/errors'
import type { Process } from './Process'
import type { Paid, Scene, Thing } from './Scene'

/** What came of a wish: what was given, and the payment that it says it was sold for; or a word for the count. */
export type Given = { readonly text: string; readonly nonce: string | undefined } | string

/** What people want, and how it went. */
export type Wishes = {
  /** Meets a wish by `act`, and looks at what came of it. It can be wished again later. */
  readonly wish: (
    process: Process,
    thing: Pick<Thing, 'name' | 'kind'>,
    act: (process: Process) => Promise<Given>,
  ) => Promise<void>
  /** Marks what a payment bought as being where it belongs. */
  readonly deliver: (nonce: string | undefined, what: string) => Paid | undefined
  /** Wishes once more for all that was paid for and is not where it belongs, and for what is kept by name. */
  readonly wishAgain: (process: Process) => Promise<void>
  /** Whether somebody was told at last that a thing was paid for and is lost. */
  readonly isToldLost: (name: string) => boolean
}

/** Codes that say that what was paid for did not come, or is a refusal. */
const LOST = new Set(['paid_but_failed', 'answer_refused', 'insufficient_credits'])

export function createWishes(scene: Scene): Wishes {
  const { plan, signed, fail, count, log } = scene
  const wishes = new Map<
    string,
    { kind: Thing['kind']; act: (process: Process) => Promise<Given> }
  >()
  const given = new Map<string, string>()
  const toldLost = new Set<string>()

  const deliver = (nonce: string | undefined, what: string) => {
    const paid = signed.get(nonce ?? '')
    if (!paid) fail('an answer that nobody sold', what)
    else paid.deliveredAt ??= scene.timeline.now()
    return paid
  }

  const wish: Wishes['wish'] = async (process, { name, kind }, act) => {
    wishes.set(name, { kind, act })
    const before = signed.size
    log(() => `${process.name} wants ${name}`)
    try {
      const got = await act(process)
      log(() => `${process.name} has ${name}: ${JSON.stringify(got)}`)
      if (typeof got === 'string') return count(got)
      count('served')
      const { text, nonce } = got
      deliver(nonce, text)
      if (kind !== 'named') return
      const earlier = given.get(name)
      if (earlier !== undefined && earlier !== text) fail('another answer', `${earlier}, ${text}`)
      given.set(name, text)
    } catch (error) {
      log(() => `${process.name} has no ${name}: ${error}`)
      if (!isARouterError(error)) return fail('untyped', String(error))
      count(error.code)
      if (LOST.has(error.code)) toldLost.add(name)
      const isAlone = plan.processes === 1 && plan.calls === 1
      const mine = [...signed.values()].slice(before)
      const moved = mine.some(({ settled, deliveredAt }) => settled && deliveredAt === undefined)
      if (error.fundsMoved === 'no' && isAlone && moved) fail('says no funds moved', `${error}`)
    }
  }

  const isOwed = (name: string) =>
    [...signed.values()].some(
      ({ thing, settled, deliveredAt }) => thing?.name === name && settled && !deliveredAt,
    )

  return {
    wish,
    deliver,
    wishAgain: async (process) => {
      toldLost.clear()
      for (const [name, { kind, act }] of [...wishes]) {
        if (kind === 'named' || isOwed(name)) await wish(process, { name, kind }, act)
      }
    },
    isToldLost: (name) => toldLost.has(name),
  }
}

/** The text of an answer; undefined where it broke off in the hands of its caller, as `fetch` has it. */
export async function textOf(answer: Response): Promise<string | undefined> {
  return answer.text().catch(() => undefined)
}

/** What came of a wish for an answer whose text ends with the payment it was sold for. */
export async function soldBy(answer: Response): Promise<Given> {
  const text = await textOf(answer)
  if (text === undefined) return 'broken off in the hands of its caller'
  return answer.ok ? { text, nonce: text.split(' for ')[1] } : `status ${answer.status}`
}

/** What is bought once and for all. */
export function named(name: string): Thing {
  return { name, kind: 'named', mayFollow: () => false }
}

/** What is bought anew by who has had it, or whose process died with it in hand. */
export function single({ counts }: Scene, name: string): Thing {
  return {
    name,
    kind: 'single',
    mayFollow: ({ deliveredAt, arrived, isForNothing }) =>
      deliveredAt !== undefined ||
      (arrived && (isForNothing === true || counts.crash !== undefined)),
  }
}
