import type { Scenario } from './Scenario'
import { aixbtSellers } from './scenarios/aixbtSellers'
import { bounds } from './scenarios/bounds'
import { budget } from './scenarios/budget'
import { clock } from './scenarios/clock'
import { concurrency } from './scenarios/concurrency'
import { envelopes } from './scenarios/envelopes'
import { honestOffers } from './scenarios/honestOffers'
import { honestTraffic } from './scenarios/honestTraffic'
import { key0Sellers } from './scenarios/key0Sellers'
import { laterTerms } from './scenarios/laterTerms'
import { lostAnswers } from './scenarios/lostAnswers'
import { origins } from './scenarios/origins'
import { redirects } from './scenarios/redirects'
import { secrets } from './scenarios/secrets'
import { signatures } from './scenarios/signatures'
import { signIn } from './scenarios/signIn'
import { solrouterSellers } from './scenarios/solrouterSellers'
import { spoofedAnswers } from './scenarios/spoofedAnswers'
import { termsEvm } from './scenarios/termsEvm'
import { termsSolana } from './scenarios/termsSolana'

/** The whole catalogue. */
export const scenarios: readonly Scenario[] = [
  ...honestOffers,
  ...honestTraffic,
  ...termsEvm,
  ...termsSolana,
  ...envelopes,
  ...laterTerms,
  ...signatures,
  ...redirects,
  ...spoofedAnswers,
  ...signIn,
  ...origins,
  ...bounds,
  ...clock,
  ...lostAnswers,
  ...key0Sellers,
  ...aixbtSellers,
  ...solrouterSellers,
  ...concurrency,
  ...budget,
  ...secrets,
]
