import { median, type Samples } from './measure'

/** One comparison, as it is printed. */
export type Table = {
  readonly title: string
  readonly unit: string
  readonly samples: Samples
  /** The row the others are divided by. */
  readonly ours: string
  /** The row that is taken off all others, sample by sample, as it would be there without them. */
  readonly bare?: string
}

/** Prints minimum, median and the ratio of the medians to our own. */
export function printTable({ title, unit, samples, ours, bare = '' }: Table): void {
  const floor = samples[bare] ?? []
  const rows = Object.entries(samples)
    .filter(([name]) => name !== bare)
    .map(([name, values]) => ({
      name,
      least: Math.min(...values) - (floor.length > 0 ? Math.min(...floor) : 0),
      middle: median(values.map((value, index) => value - (floor[index] ?? 0))),
    }))
  const own = rows.find(({ name }) => name === ours)?.middle ?? Number.NaN
  console.log(`\n${title}`)
  printRow([unit, 'min', 'median', 'ratio'])
  for (const { name, least, middle } of rows) {
    printRow([name, show(least), show(middle), `${(middle / own).toFixed(2)}x`])
  }
}

function printRow(cells: readonly string[]): void {
  const [name = '', ...numbers] = cells
  console.log(name.padEnd(44) + numbers.map((number) => number.padStart(10)).join(''))
}

function show(value: number): string {
  return value >= 100 ? value.toFixed(0) : value.toFixed(value >= 10 ? 1 : 2)
}
