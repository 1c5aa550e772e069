import { byId, element } from './elements.js'
import { addFault, clearFaults } from './gateway.js'

const CHANCES = [
  ['0', 'Off'],
  ['0.1', '10 % of the time'],
  ['0.5', 'Half of the time'],
  ['1', 'Always'],
]

/** @type {Readonly<Record<string, string>>} */
const HOPS = {
  arrival: 'When a request arrives',
  'sign-in': 'At the sign-in',
  challenge: 'In a 402',
  verify: 'Before a payment is verified',
  verified: 'After it was verified',
  settle: 'While it settles',
  settled: 'After it settled',
  receipt: 'In the receipt',
  answer: 'In any answer',
  body: 'In a JSON answer',
  pace: 'In the pace of an answer',
  stream: 'In a stream',
  rpc: 'At the RPC of a chain',
}

/**
 * The menu of faults. The function it gives shows which are to come; its controls stay as they are, so that
 * whoever uses one keeps the place.
 * @param {readonly { kind: string, hop: string, does: string }[]} faults
 * @param {(error: unknown) => void} onTrouble
 */
export function createMenu(faults, onTrouble) {
  const coming = byId('coming', HTMLElement)
  const clear = byId('clear', HTMLButtonElement)
  const rows = faults.map(({ kind, does }) => createRow(kind, does, run))
  const groups = [...new Set(faults.map(({ hop }) => hop))].map((hop) => {
    const own = rows.filter((_, index) => faults[index]?.hop === hop)
    const count = element('span', { class: 'soft' })
    const summary = element('summary', {}, `${HOPS[hop] ?? hop} `, count)
    const group = element('details', {}, summary, ...own.map(({ place }) => place))
    return { group, own, count }
  })
  byId('menu', HTMLElement).replaceChildren(...groups.map(({ group }) => group))
  clear.addEventListener('click', () => run(clearFaults()))

  /** @param {Promise<import('./gateway.js').Coming>} change */
  function run(change) {
    change.then(show, onTrouble)
  }

  /** @param {import('./gateway.js').Coming} now */
  function show({ scripted, chances }) {
    for (const row of rows) row.show(scripted[row.kind] ?? 0, chances[row.kind] ?? 0)
    for (const { own, count } of groups) {
      const on = own.filter(({ place }) => place.classList.contains('on')).length
      count.textContent = on > 0 ? `(${on} on)` : ''
    }
    const told = [
      ...Object.entries(scripted).map(([kind, times]) => `${kind}: the next ${times}`),
      ...Object.entries(chances).map(([kind, chance]) => `${kind}: ${Math.round(chance * 100)} %`),
    ]
    const text = told.length > 0 ? `To come: ${told.join('; ')}.` : 'None to come.'
    // Said aloud by screen readers: only when it is another.
    if (coming.textContent !== text) coming.textContent = text
    clear.disabled = told.length === 0
  }
  return show
}

/**
 * @param {string} kind
 * @param {string} does
 * @param {(change: Promise<import('./gateway.js').Coming>) => void} run
 */
function createRow(kind, does, run) {
  const note = element('span', { class: 'does' }, does.replaceAll('`', ''))
  const next = element('button', { type: 'button', 'aria-label': `${kind}: strike next` }, 'Next')
  const options = CHANCES.map(([value = '', text = '']) => element('option', { value }, text))
  const often = element('select', { 'aria-label': `${kind}: how often` }, ...options)
  const place = element('div', { class: 'fault' }, element('p', {}, kind, note), next, often)
  next.addEventListener('click', () => run(addFault({ kind, times: 1 })))
  often.addEventListener('change', () => run(addFault({ kind, chance: Number(often.value) })))
  return {
    kind,
    place,
    /**
     * @param {number} times
     * @param {number} chance
     */
    show: (times, chance) => {
      place.classList.toggle('on', times > 0 || chance > 0)
      next.textContent = times > 0 ? `Next (${times})` : 'Next'
      if (document.activeElement !== often) choose(often, chance)
    },
  }
}

/**
 * Shows a chance as chosen; one that was set elsewhere, such as by `--fault`, becomes a choice.
 * @param {HTMLSelectElement} often
 * @param {number} chance
 */
function choose(often, chance) {
  const value = String(chance)
  if (![...often.options].some((option) => option.value === value)) {
    often.append(element('option', { value }, `${Math.round(chance * 100)} % of the time`))
  }
  often.value = value
}
