/// The scripts of the session store: one call each, and nothing else in Redis happens meanwhile.
///
/// All take the same beginning of keys and arguments:
///
///     KEYS[1]  the index, a sorted set: session id → last use in ms. Uses within one millisecond
///              are told apart by fractions of 1/1024, so the order of use is the order of scores.
///     KEYS[2]  the session's list of messages, oldest first     (not in `list`)
///     KEYS[3]  the session's hash: count, tail, created, pinned (not in `list`)
///     ARGV[1]  what stands before an id in the keys of lists
///     ARGV[2]  what stands before an id in the keys of hashes
///     ARGV[3]  time to live in ms
///     ARGV[4]  sessions of the scope at most
///     ARGV[5]  messages of a session that are kept
///     ARGV[6]  empty; in tests the present moment in ms, in place of the server's clock
///     ARGV[7]  the session's id                                 (not in `list`)
///
/// and answer with an array: the outcome as a word; what left the scope, as id, cause, id, cause …;
/// then what the outcome brings. The cause `damaged` stands for a session that somebody else broke,
/// and for the index where the id is empty. Keys of other sessions of the scope are made from
/// ARGV[1] and
/// ARGV[2]; in a cluster they are on the same node, for the scope of a user.
///
/// The index decides who is alive. The keys of a session live a second longer than the session, so
/// that none is missing while the index still counts it, and the index a day longer, so that what
/// expired unseen can still be reported.
///
/// Each body runs as a function. What makes no sense in it (a key of another kind, a count that is
/// no number, a use in the far future) ends it before it has written anything; then what is broken
/// is removed, and it runs once more. So one bad value costs its session, and nobody else's turn.
enum SessionScripts {
  /// Commands of the scripts, tried one by one where nobody sees it.
  static let probe = RedisScript(probeBody)
  static let append = script(appendBody)
  static let open = script(openBody)
  static let pageIn = script(pageInBody)
  static let list = script(listBody)
  static let close = script(closeBody)
  static let pin = script(pinBody)

  /// Each does the same when it is run twice, but for what it reports as removed.
  private static func script(_ body: String) -> RedisScript {
    RedisScript(common + body + ending, isSafeToRepeat: true)
  }

  private static let common = """
    local index, history, meta = KEYS[1], KEYS[2], KEYS[3]
    local history_prefix, meta_prefix = ARGV[1], ARGV[2]
    local ttl, limit, window = tonumber(ARGV[3]), tonumber(ARGV[4]), tonumber(ARGV[5])
    local id = ARGV[7]
    local removed = {}

    local function clock()
      if ARGV[6] ~= '' then return tonumber(ARGV[6]) end
      local time = redis.call('TIME')
      return time[1] * 1000 + math.floor(time[2] / 1000)
    end

    -- No clock of a server steps back by more than a day; a score beyond that is somebody else's.
    local day = 86400000
    local function is_count(text) return #text <= 15 and text:find('^%d+$') end

    local function number(value) return string.format('%.17g', value) end

    local function remove(gone, cause)
      redis.call('DEL', history_prefix .. gone, meta_prefix .. gone)
      redis.call('ZREM', index, gone)
      removed[#removed + 1] = gone
      removed[#removed + 1] = cause
    end

    local latest, now
    local function begin()
      -- A clock that steps back stands still until it has caught up: the order of use is kept.
      local newest = redis.call('ZREVRANGE', index, 0, 0, 'WITHSCORES')
      latest, now = tonumber(newest[2] or 0), clock()
      if latest > now + day then error('DAMAGED') end
      now = math.max(now, math.floor(latest))
      -- Alive while now <= last use + ttl, in whole milliseconds.
      local expired = redis.call('ZRANGEBYSCORE', index, '-inf', '(' .. number(now - ttl))
      for _, gone in ipairs(expired) do remove(gone, 'expired') end
    end

    -- The hash of a living session: count, tail, pinned. Nil when it is not warm. A session whose
    -- keys the server threw out to make room has ended like one whose time ran out.
    local function session(of)
      if not redis.call('ZSCORE', index, of) then return nil end
      local fields = redis.call('HMGET', meta_prefix .. of, 'count', 'tail', 'pinned')
      if not fields[1] then
        remove(of, 'expired')
        return nil
      end
      if not is_count(fields[1]) then error('DAMAGED') end
      return fields
    end

    local function use()
      latest = latest >= now and latest + 1 / 1024 or now
      redis.call('ZADD', index, number(latest), id)
      redis.call('PEXPIRE', index, ttl + day)
      redis.call('PEXPIRE', history, ttl + 1000)
      redis.call('PEXPIRE', meta, ttl + 1000)
    end

    -- Evicts what one more session needs. False, and nothing done, when pins are in the way.
    local function make_room()
      local excess = redis.call('ZCARD', index) - limit + 1
      local victims, position = {}, 0
      while #victims < excess do
        local some = redis.call('ZRANGE', index, position, position + 15)
        if #some == 0 then return false end
        for _, candidate in ipairs(some) do
          if #victims < excess
            and redis.call('HGET', meta_prefix .. candidate, 'pinned') ~= '1' then
            victims[#victims + 1] = candidate
          end
        end
        position = position + 16
      end
      for _, victim in ipairs(victims) do remove(victim, 'evicted') end
      return true
    end

    -- What is left under the name of a session that is not warm.
    local function clear()
      if redis.call('EXISTS', history, meta) > 0 then redis.call('DEL', history, meta) end
    end

    local function run()
    begin()

    """

  /// Adds a message, if the session ends where the caller expects.
  ///
  ///     ARGV[8]   the message, as JSON
  ///     ARGV[9]   its id
  ///     ARGV[10]  the id of the message it follows; empty: it is the first
  ///     ARGV[11]  1: return the messages
  ///
  /// Answers `appended`, removals, count, messages; or `missing`, `stale` or `full`, removals. The
  /// first thing it writes of its own is the message, which a server without memory refuses.
  private static let appendBody = """
    local found = session(id)
    local count
    if not found then
      if ARGV[10] ~= '' then return {'missing', removed} end
      if not make_room() then return {'full', removed} end
      clear()
      redis.call('RPUSH', history, ARGV[8])
      redis.call('HSET', meta, 'count', 1, 'tail', ARGV[9], 'created', number(now), 'pinned', 0)
      count = 1
    elseif found[2] == ARGV[9] then
      count = tonumber(found[1])
    elseif found[2] ~= ARGV[10] then
      return {'stale', removed}
    else
      local length = redis.call('RPUSH', history, ARGV[8])
      if length == 1 and found[2] ~= '' then
        remove(id, 'expired')
        return {'missing', removed}
      end
      if length > window then redis.call('LTRIM', history, -window, -1) end
      count = tonumber(found[1]) + 1
      redis.call('HSET', meta, 'count', number(count), 'tail', ARGV[9])
    end
    use()
    local messages = ARGV[11] == '1' and redis.call('LRANGE', history, -window, -1) or {}
    return {'appended', removed, count, messages}
    """

  /// Uses a session and returns it. A list that stands there without an index entry, as the
  /// original application writes it, becomes a session; how it ends is not known, so the next
  /// append finds it stale and replaces it from the archive.
  ///
  /// Answers `open`, removals, count, messages; or `missing` or `full`, removals.
  private static let openBody = """
    local found = session(id)
    local messages = {}
    if found then
      messages = redis.call('LRANGE', history, -window, -1)
      if #messages == 0 and found[2] ~= '' then
        remove(id, 'expired')
        found = nil
      end
    else
      messages = redis.call('LRANGE', history, -window, -1)
      if #messages > 0 then
        if not make_room() then return {'full', removed} end
        found = redis.call('HMGET', meta, 'count', 'tail')
        if not found[1] or not is_count(found[1]) then
          found = {redis.call('LLEN', history), '?'}
          redis.call(
            'HSET', meta, 'count', found[1], 'tail', '?', 'created', number(now), 'pinned', 0)
        end
      else
        found = nil
      end
    end
    if not found then return {'missing', removed} end
    use()
    return {'open', removed, tonumber(found[1]), messages}
    """

  /// Puts a session in, whole. A pin stays.
  ///
  ///     ARGV[8]   all messages of the conversation
  ///     ARGV[9]   the id of the last one; empty: there is none
  ///     ARGV[10]… the newest messages, as JSON, oldest first; not more than are kept
  ///
  /// Answers `done` or `full`, removals. The new messages are written before the old ones go.
  private static let pageInBody = """
    local found = session(id)
    if not found then
      if not make_room() then return {'full', removed} end
      clear()
    end
    local old = redis.call('LLEN', history)
    for first = 10, #ARGV, 500 do
      redis.call('RPUSH', history, unpack(ARGV, first, math.min(first + 499, #ARGV)))
    end
    if old > 0 then redis.call('LTRIM', history, old, -1) end
    redis.call('HSET', meta, 'count', ARGV[8], 'tail', ARGV[9])
    redis.call('HSETNX', meta, 'created', number(now))
    redis.call('HSETNX', meta, 'pinned', 0)
    use()
    return {'done', removed}
    """

  /// The living sessions, most recently used first. Uses none.
  ///
  /// Answers `list`, removals, and an array of id, count, time left in ms, 1 if pinned, of each.
  private static let listBody = """
    local lines = {}
    local scores = redis.call('ZREVRANGE', index, 0, -1, 'WITHSCORES')
    for position = 1, #scores, 2 do
      local found = session(scores[position])
      if found then
        lines[#lines + 1] = scores[position]
        lines[#lines + 1] = tonumber(found[1])
        lines[#lines + 1] = math.floor(tonumber(scores[position + 1])) + ttl - now
        lines[#lines + 1] = found[3] == '1' and 1 or 0
      end
    end
    return {'list', removed, lines}
    """

  /// Removes a session. Answers `done`, removals.
  private static let closeBody = """
    if session(id) then
      remove(id, 'closed')
    else
      clear()
    end
    return {'done', removed}
    """

  /// Pins or unpins a session. Uses nothing.
  ///
  ///     ARGV[8]  1 to pin, 0 to unpin
  ///
  /// Answers `done` or `missing`, removals.
  private static let pinBody = """
    if not session(id) then return {'missing', removed} end
    redis.call('HSET', meta, 'pinned', ARGV[8])
    return {'done', removed}
    """
}
