import { createClient } from 'redis'

/** A client of `redis` for a redis:// URL, or the path of a socket. */
export function nodeRedisAt(place: string) {
  return createClient(
    place.startsWith('/') ? { socket: { path: place, tls: false } } : { url: place },
  )
}
