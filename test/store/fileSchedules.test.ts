import type { Store } from '@arouter/sdk'
import { describe, expect, test } from 'vitest'
import { storeOnDisk } from '../../packages/sdk/src/store/file'
import { increment } from './conformance'
import { type Folders, schedule, weakDisk } from './weakDisk'

const SEEDS = Number(process.env.SEEDS ?? 1_500)

describe('the file store, one step of any process at a time', () => {
  test(`counts every update and shows no old value, in ${SEEDS} orders of steps`, async () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const plan = schedule(seed)
      const folders: Folders = new Map()
      const acknowledged: number[] = []
      const writer = async (store: Store) => {
        for (let count = 0; count < 4; count++) {
          acknowledged.push(Number(await store.update('counter', increment)))
        }
      }
      const reader = async (store: Store) => {
        for (let count = 0; count < 4; count++) {
          const known = Math.max(0, ...acknowledged)
          const seen = Number((await store.get('counter')) ?? 0)
          if (seen < known) throw new Error(`seed ${seed}: ${seen} was read after ${known}`)
        }
      }
      const stores = Array.from({ length: 4 }, () =>
        storeOnDisk('/store', weakDisk(folders, plan), plan.turn),
      )
      const tasks = stores.map((store, at) => (at === 3 ? reader(store) : writer(store)))
      await plan.run(Promise.all(tasks))
      expect(
        acknowledged.sort((a, b) => a - b),
        `seed ${seed}`,
      ).toEqual(Array.from({ length: 12 }, (_, at) => at + 1))
    }
  }, 240_000)

  test(`loses nothing it acknowledged when processes die, in ${SEEDS} orders of steps`, async () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      const plan = schedule(seed)
      const folders: Folders = new Map()
      const acknowledged: number[] = []
      let begun = 0
      const writer = async (store: Store) => {
        for (let count = 0; count < 4; count++) {
          begun++
          acknowledged.push(Number(await store.update('counter', increment)))
        }
      }
      const mortal = () =>
        storeOnDisk('/store', weakDisk(folders, plan, plan.random() * 60), plan.turn)
      for (let count = 0; count < 3; count++) writer(mortal())
      const survivor = storeOnDisk('/store', weakDisk(folders, plan), plan.turn)
      await plan.run(writer(survivor))
      const stands = Number(await plan.run(survivor.get('counter')))
      expect(new Set(acknowledged).size, `seed ${seed}`).toBe(acknowledged.length)
      expect(Math.max(...acknowledged), `seed ${seed}`).toBeLessThanOrEqual(stands)
      expect(stands, `seed ${seed}`).toBeLessThanOrEqual(begun)
    }
  }, 240_000)
})
