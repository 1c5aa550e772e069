import type { Exchange } from '../Exchange'
import type { Gateway } from '../Gateway'
import type { Carrier } from './settler'

/** An exchange as whoever settles its payment sees it. */
export function carrierOf({ faults }: Gateway, exchange: Exchange): Carrier {
  return {
    id: exchange.id,
    path: exchange.path,
    strike: (hop) => faults.take(hop, exchange),
    expects: faults.expects,
  }
}
