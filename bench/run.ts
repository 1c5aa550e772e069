import { cpus } from 'node:os'
import { printAborts } from './aborts'
import { measureBundles } from './bundle'
import { measureImports } from './imports'
import { measureMainThread } from './mainThread'
import { measurePayment } from './payment'
import { printTable } from './printTable'
import { measureStreams } from './stream'
import { measureThroughput } from './throughput'
import { measureChat, measureWarmCall } from './warmCall'

console.log(
  `Node ${process.version}, ${cpus().length} x ${cpus()[0]?.model ?? 'unknown processor'}`,
)
printTable(await measureImports())
printTable(await measureWarmCall())
printTable(await measureChat())
printTable(await measurePayment())
for (const table of await measureStreams()) printTable(table)
for (const table of await measureThroughput()) printTable(table)
for (const table of await measureBundles()) printTable(table)
printTable(await measureMainThread())
await printAborts()
