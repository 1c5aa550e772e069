import { byId, element } from './elements.js'
import { createMenu } from './faults.js'
import { readOverview } from './gateway.js'
import { createTable, outcome, short, time } from './tables.js'

const EVERY_MS = 1_000
const TITLES = {
  requests: 'Requests',
  payments: 'Payments',
  sales: 'Sales',
  settled: 'Settled',
  credited: 'Credited',
  charged: 'Charged',
  accounts: 'Tenants',
  sessions: 'Sessions',
  signIns: 'Sign-ins',
  replays: 'Replays',
  faults: 'Faults',
}
const MONEY = ['settled', 'credited', 'charged']

const live = byId('live', HTMLElement)
const trouble = byId('trouble', HTMLElement)
const pause = byId('pause', HTMLButtonElement)
const totals = byId('totals', HTMLElement)
const place = (/** @type {string} */ id) => byId(id, HTMLElement)

const tables = {
  requests: createTable(
    place('requests'),
    [
      ['Time', ({ at }) => time(at)],
      ['Status', ({ status }) => outcome(status)],
      ['Request', ({ method, path }) => element('code', {}, `${method} ${path}`), 'wide'],
      ['With', ({ carries }) => carries.join(', ') || 'nothing'],
    ],
    `None yet. Point a client at ${location.origin}.`,
  ),
  payments: createTable(
    place('payments'),
    [
      ['Time', ({ at }) => time(at)],
      ['Paid', ({ amount }) => `$${amount}`],
      ['Bought', ({ bought, isWhole }) => element('span', isWhole ? {} : { class: 'bad' }, bought)],
      ['From', ({ payer }) => short(payer)],
      ['On', ({ network }) => short(network)],
      ['Transaction', ({ transaction }) => short(transaction)],
    ],
    'None yet. A request without credit is asked for one.',
  ),
  accounts: createTable(
    place('accounts'),
    [
      ['Tenant', ({ id }) => id],
      ['Of', ({ subject }) => short(subject)],
      ['Kind', ({ kind }) => kind],
      ['Balance', ({ balance }) => `$${balance}`],
    ],
    'None yet. A wallet has one from its first payment or sign-in on.',
  ),
  sessions: createTable(
    place('sessions'),
    [
      ['Of', ({ subject }) => short(subject)],
      ['Since', ({ since }) => time(since)],
      ['Until', ({ until }) => time(until)],
    ],
    'None. A token is given for a payment or a sign-in.',
  ),
  holders: createTable(
    place('holders'),
    [
      ['On', ({ network }) => short(network)],
      ['Block', ({ height }) => height],
      ['Of', ({ holder }) => short(holder)],
      ['Is', ({ is }) => is],
      ['USDC', ({ amount }) => `$${amount}`],
    ],
    'None.',
  ),
  transfers: createTable(
    place('transfers'),
    [
      ['On', ({ network }) => short(network)],
      ['Block', ({ height }) => height],
      ['USDC', ({ amount }) => `$${amount}`],
      ['From', ({ from }) => short(from)],
      ['To', ({ to }) => short(to)],
      ['Transaction', ({ transaction }) => short(transaction)],
    ],
    'None yet.',
  ),
  struck: createTable(
    place('struck'),
    [
      ['Time', ({ at }) => time(at)],
      ['Fault', ({ kind }) => kind],
      ['On', ({ path }) => element('code', {}, path), 'wide'],
    ],
    'None has struck.',
  ),
}

/** @type {ReturnType<typeof createMenu> | undefined} */
let showFaults
let isPaused = false
/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer

byId('origin', HTMLElement).textContent = location.origin
pause.addEventListener('click', () => {
  isPaused = !isPaused
  pause.setAttribute('aria-pressed', String(isPaused))
  say(isPaused ? 'Paused' : 'Live')
  if (!isPaused) refresh()
})
document.addEventListener('visibilitychange', () => {
  if (!document.hidden) refresh()
})
refresh()

async function refresh() {
  clearTimeout(timer)
  if (isPaused || document.hidden) return
  try {
    show(await readOverview())
    trouble.hidden = true
    say('Live')
  } catch (error) {
    tell(error)
    say('Not connected')
  }
  clearTimeout(timer)
  timer = setTimeout(refresh, EVERY_MS)
}

/** @param {import('./gateway.js').Overview} overview */
function show(overview) {
  byId('networks', HTMLElement).textContent = overview.networks.join(', ')
  totals.replaceChildren(
    ...Object.entries(TITLES).map(([name, title]) => {
      const value = `${MONEY.includes(name) ? '$' : ''}${overview.totals[name]}`
      return element('div', {}, element('dt', {}, title), element('dd', {}, value))
    }),
  )
  showFaults ??= createMenu(overview.faults, tell)
  showFaults(overview.coming)
  tables.requests(overview.requests)
  tables.payments(overview.payments)
  tables.accounts(overview.accounts)
  tables.sessions(overview.sessions)
  tables.struck(overview.struck)
  place('chains').hidden = overview.chains.holders.length === 0
  tables.holders(overview.chains.holders)
  tables.transfers(overview.chains.transfers)
}

/** @param {unknown} error */
function tell(error) {
  const why = error instanceof Error ? error.message : String(error)
  const text = `The gateway cannot be reached, or refused (${why}). Trying again.`
  if (trouble.hidden || trouble.textContent !== text) trouble.textContent = text
  trouble.hidden = false
}

/** @param {string} state */
function say(state) {
  if (live.textContent !== state) live.textContent = state
}
