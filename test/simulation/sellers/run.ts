import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { bundleWorker } from '../bundle'

// In one file it is faster, and the SDK's own dynamic imports are promises like any other.
const bundle = await bundleWorker(undefined, './sellers/main.ts')
try {
  const child = spawn(process.execPath, [bundle.path, ...process.argv.slice(2)], {
    stdio: 'inherit',
  })
  const [code] = await once(child, 'exit')
  process.exitCode = code ?? 1
} finally {
  await bundle.remove()
}
