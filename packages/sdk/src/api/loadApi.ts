import { loadPart } from '../loadPart'

let loaded: typeof import('./onDemand') | undefined

/**
 * Loads what the API methods share: whoever only uses `fetch` needs none of it. Kept, since an import
 * takes its time each time.
 * @throws ConnectionError where it cannot be loaded.
 */
export async function loadApi() {
  loaded ??= await loadPart(() => import('./onDemand'))
  return loaded
}
