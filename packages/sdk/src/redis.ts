export { type RedisStoreOptions, redisStore } from './store/redis'
export type { IoRedisClient, NodeRedisClient } from './store/redisClient'
