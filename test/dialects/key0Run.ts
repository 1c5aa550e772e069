import { playKey0 } from './playKey0'

const schedules = Number(process.argv[2] ?? 100_000)
const counts = { granted: 0, 'paid for nothing': 0 }
const failures: string[] = []
for (let seed = 1; seed <= schedules; seed++) {
  await playKey0(seed).then(
    (end) => counts[end]++,
    (cause) => failures.push(`seed ${seed}: ${cause}`),
  )
}
console.log(`${schedules} schedules at a Key0 seller: ${failures.length} failed`)
console.log(
  `  granted ${counts.granted}, paid for nothing and told so ${counts['paid for nothing']}`,
)
for (const failure of failures.slice(0, 10)) console.error(failure)
if (failures.length > 0) process.exitCode = 1
