import { webStore } from '@arouter/sdk/web'
import { conformance, failure, increment } from './conformance'
import { failures, told, webCases } from './webCases'

/*
 * What the page of the browser tests can do. The tests call it by name.
 */

/** Outcomes cross to the test as text. */
export type WebPage = {
  readonly runCase: (name: string, database: string) => Promise<void>
  /** Counts to the end; each value is in the page's title once its update has resolved. */
  readonly count: (database: string, times: number) => Promise<number[]>
  readonly announce: (database: string, worker: string) => Promise<void>
  readonly isThere: (database: string, worker: string) => Promise<boolean>
  readonly get: (database: string, key: string) => Promise<string>
  /** The code and message of the error with which a store over `database` fails, by operation. */
  readonly failures: (database: string) => Promise<string[]>
  /** The code and message of the error that a large value meets. */
  readonly fill: (database: string) => Promise<string>
}

declare global {
  var webPage: WebPage
}

globalThis.webPage = {
  runCase: async (name, database) => {
    const common = conformance.find((one) => one.name === name)
    if (common) return common.run(webStore(database), () => webStore(database))
    const found = webCases.find((one) => one.name === name)
    if (!found) throw new Error(`there is no case ${name}`)
    await found.run(database)
  },
  count: async (database, times) => {
    const store = webStore(database)
    const values: number[] = []
    while (values.length < times) {
      values.push(Number(await store.update('count', increment)))
      document.title = String(values.at(-1))
    }
    return values
  },
  announce: async (database, worker) => webStore(database).presence?.announce(worker),
  isThere: async (database, worker) =>
    (await webStore(database).presence?.isThere(worker)) === true,
  get: async (database, key) => JSON.stringify(await webStore(database).get(key)) ?? 'undefined',
  failures: (database) => failures(webStore(database)),
  fill: async (database) => {
    const large = 'x'.repeat(10_000_000)
    return told(await failure(webStore(database).update('count', () => large)))
  },
}
