import { expect, test } from 'vitest'
// A client that finds these loaded need not wait for a disk.
import '../../packages/sdk/src/walletWork'
import { PROFILES, planOf } from './plan'
import { realPlatform } from './platform'
import { simulate } from './simulate'

const SEEDS = 15

test.each(PROFILES)(
  `${SEEDS} schedules of kind %s pay once for a need and lose nothing`,
  async (profile) => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const { violations } = await simulate(planOf(seed, profile), realPlatform)
      expect(violations, `seed ${seed}`).toEqual([])
    }
  },
)
