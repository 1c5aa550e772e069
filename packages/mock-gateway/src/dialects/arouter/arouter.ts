import { createApp } from '../../app'
import type { Dialect } from '../Dialect'

/** ARouter: an LLM gateway where payments buy credit, and a token spends it. Its options are the gateway's own. */
export const arouter: Dialect = {
  open: ({ gateway, state }) => ({ fetch: createApp(gateway, state) }),
}
