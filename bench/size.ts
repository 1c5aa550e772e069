import { gzipKiB, OURS } from './bundle'

/** What may be loaded, in KiB after gzip. */
const budgets = [{ name: 'ARouter with a local viem account', contents: OURS, limit: 40 }]

for (const { name, contents, limit } of budgets) {
  const size = await gzipKiB(contents)
  console.log(`${name}: ${size.toFixed(1)} KiB gzip, at most ${limit}`)
  if (size > limit) process.exitCode = 1
}
