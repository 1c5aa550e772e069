import { element } from './elements.js'

/**
 * A column: its title, and what it shows of a row.
 * @typedef {readonly [title: string, show: (row: import('./gateway.js').Row) => Node | string, wide?: 'wide']} Column
 */

/**
 * A function that shows rows as a table in `place`, and `nothing` where there are none. Keys scroll it.
 * @param {HTMLElement} place
 * @param {readonly Column[]} columns
 * @param {string} nothing
 */
export function createTable(place, columns, nothing) {
  const body = element('tbody')
  const titles = columns.map(([title]) => element('th', { scope: 'col' }, title))
  const table = element('table', {}, element('thead', {}, element('tr', {}, ...titles)), body)
  const empty = element('p', { class: 'soft' }, nothing)
  let shown = ''
  place.tabIndex = 0
  place.setAttribute('role', 'region')
  place.setAttribute('aria-labelledby', `${place.id}-title`)

  /** @param {readonly import('./gateway.js').Row[]} rows */
  return (rows) => {
    const now = JSON.stringify(rows)
    if (now === shown) return
    shown = now
    body.replaceChildren(
      ...rows.map((row) => {
        const cells = columns.map(([, show, wide = '']) =>
          element('td', { class: wide }, show(row)),
        )
        return element('tr', {}, ...cells)
      }),
    )
    place.replaceChildren(rows.length > 0 ? table : empty)
  }
}

/**
 * The time of day, with the whole time behind it.
 * @param {number} at
 */
export function time(at) {
  const date = new Date(at)
  const attributes = { datetime: date.toISOString(), title: date.toLocaleString() }
  return element('time', attributes, date.toLocaleTimeString([], { hour12: false }))
}

/**
 * An address or a hash, shortened, whole behind it.
 * @param {string} text
 */
export function short(text) {
  if (text.length <= 16) return element('code', {}, text)
  return element('code', { title: text }, `${text.slice(0, 6)}…${text.slice(-4)}`)
}

/**
 * A status, standing out where it is no success.
 * @param {number | string} status
 */
export function outcome(status) {
  const isGood = typeof status === 'number' ? status < 400 : status === 'open'
  return element('span', isGood ? {} : { class: 'bad' }, String(status))
}
