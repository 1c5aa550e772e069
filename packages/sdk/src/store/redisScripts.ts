/*
 * The records are one hash, by name; the names are one sorted set, all of score 0, so that a prefix is
 * a range of it. Each swap leaves its outcome under an id of its own. A client that lost the answer asks
 * again with the same id: whether it is the first time it is heard or the third, it happens once. A swap
 * is refused after its deadline, and its outcome kept longer than that: so none can come too late.
 * Deadline and expiry are by Redis's clock alone.
 */

/** KEYS: records. ARGV: name. Replies with the clock (ms) and the record, or nothing. */
export const READ = `
local time = redis.call('TIME')
return { time[1] * 1000 + math.floor(time[2] / 1000), redis.call('HGET', KEYS[1], ARGV[1]) }
`

/**
 * KEYS: records, names, outcome. ARGV: name; the record expected and the next one, each empty for none;
 * deadline, and expiry of the outcome (ms). Replies `done`, `outrun` or `late`. Asked again it writes
 * too, the expiry: a WAIT sent behind it covers the swap.
 */
export const SWAP = `
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
local name, expected, nextRecord = ARGV[1], ARGV[2], ARGV[3]
local outcome = redis.call('GET', KEYS[3])
if outcome then
  redis.call('PEXPIREAT', KEYS[3], ARGV[5])
  return outcome
end
if now > tonumber(ARGV[4]) then return 'late' end
local standing = redis.call('HGET', KEYS[1], name) or ''
outcome = standing == expected and 'done' or 'outrun'
redis.call('SET', KEYS[3], outcome, 'PXAT', ARGV[5])
if outcome == 'done' then
  if nextRecord == '' then
    redis.call('HDEL', KEYS[1], name)
    redis.call('ZREM', KEYS[2], name)
  else
    redis.call('ZADD', KEYS[2], 0, name)
    redis.call('HSET', KEYS[1], name, nextRecord)
  end
end
return outcome
`

/** KEYS: records, names. ARGV: prefix. Replies with each name and its record. */
export const LIST = `
local names = redis.call('ZRANGEBYLEX', KEYS[2], '[' .. ARGV[1], '(' .. ARGV[1] .. '\\127')
local entries = {}
for _, name in ipairs(names) do
  local record = redis.call('HGET', KEYS[1], name)
  if record then
    entries[#entries + 1] = { name, record }
  end
end
return entries
`
