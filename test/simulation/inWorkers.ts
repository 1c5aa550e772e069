import { bundleWorker } from './bundle'
import { runTraced, runWorkers } from './runWorkers'
import type { Way } from './Way'

/** In simulated time, in threads of the worker in the file `entry`. */
export function inWorkers(entry: string): Way {
  const withBundle = async <T>(run: (path: string) => Promise<T>): Promise<T> => {
    const bundle = await bundleWorker(undefined, entry)
    try {
      return await run(bundle.path)
    } finally {
      await bundle.remove()
    }
  }
  return {
    runAll: (task, workers) => withBundle((path) => runWorkers(path, workers, task)),
    runOne: (task) => withBundle((path) => runTraced(path, task)),
  }
}
