import type { Result, Step } from './Step'

const HEAD = ['step', 'round trips', 'payments', 'signatures', 'bought', 'used', 'ms', '']

/** The results as text in columns. */
export function table(rows: readonly { readonly step: Step; readonly result: Result }[]): string {
  const cells = [HEAD, ...rows.map(({ step, result }) => row(step, result))]
  const widths = HEAD.map((_, column) =>
    Math.max(...cells.map((line) => line[column]?.length ?? 0)),
  )
  const aligned = cells.map((line) =>
    line
      .map((cell, column) => pad(cell, column, widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  )
  const rule = widths
    .map((width) => '-'.repeat(width))
    .join('  ')
    .trimEnd()
  return [aligned[0], rule, ...aligned.slice(1)].join('\n')
}

function row({ name }: Step, result: Result): string[] {
  const { roundTrips, payments, signatures, bought, used, milliseconds } = result
  const counts = [roundTrips, payments, signatures].map(String)
  return [name, ...counts, dollars(bought), dollars(used), milliseconds.toFixed(1)]
}

// Words to the left, figures to the right.
function pad(cell: string, column: number, width: number): string {
  return column === 0 ? cell.padEnd(width) : cell.padStart(width)
}

function dollars(units: bigint): string {
  const digits = units.toString().padStart(7, '0')
  return `$${digits.slice(0, -6)}.${digits.slice(-6)}`
}
