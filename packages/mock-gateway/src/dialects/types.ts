// What systems have types of that users of the gateway see: a line for each, and nothing of it elsewhere.
export type {
  AccessGrant,
  Challenge,
  ChallengeState,
  ChallengeStep,
  ResourceResponse,
} from './key0/Challenge'
export type { Key0Options, Key0Plan, Key0Route } from './key0/options'
