import { beforeEach, vi } from 'vitest'
import { forgetOwnStores, noteStore } from './notedStores'

// Whoever makes a client, its journal and budget are known: no test has to say where they are.
vi.mock('../../../packages/sdk/src/store/Store', async (original) => {
  const module = await original<typeof import('../../../packages/sdk/src/store/Store')>()
  const guarded: typeof module.guarded = (store) => {
    noteStore(store)
    return module.guarded(store)
  }
  return { ...module, guarded }
})

beforeEach(forgetOwnStores)
