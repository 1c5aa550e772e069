import type { Base, Exchange } from '../exchange'

/** The path of a request after that of `baseURL`, without query: what `prices` goes by. */
export function pathOf({ url }: Pick<Exchange, 'url'>, base: Base): string {
  const { pathname } = new URL(url)
  const prefix = base.url.slice(base.origin.length)
  return pathname.startsWith(`${prefix}/`) ? pathname.slice(prefix.length) : pathname
}
