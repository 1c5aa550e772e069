import { GatewayConfigError } from '../../GatewayConfigError'

const SEGMENT = /^(?::[A-Za-z]\w*|[\w.~-]+)$/

/** The segments of a route's path. Throws GatewayConfigError for a path that is none. */
export function parsePath(path: string): readonly string[] {
  const [root, ...segments] = path.split('/')
  if (root === '' && segments.every((segment) => SEGMENT.test(segment))) return segments
  throw new GatewayConfigError(`key0 cannot use the path '${path}'`)
}

/** Whether a path is one of a route, whose segments such as `:city` stand for any. */
export function isOnRoute(route: string, pathname: string): boolean {
  const [wanted, given] = [route.split('/'), pathname.split('/')]
  return (
    wanted.length === given.length &&
    wanted.every((segment, index) =>
      segment.startsWith(':') ? given[index] !== '' : segment === given[index],
    )
  )
}
