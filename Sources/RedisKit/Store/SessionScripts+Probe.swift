extension SessionScripts {
  /// Tries what the other scripts do, on a session that is not there.
  ///
  ///     KEYS[1]  the index of the scope; nothing in it changes
  ///     KEYS[2]  the list of a session that is not there
  ///     KEYS[3]  the hash of that session
  ///
  /// Answers what the server refused: command, its words, command, its words … The first write is
  /// one that needs memory: after a write a server refuses nothing of a script for want of it.
  static let probeBody = """
    local index, history, meta = KEYS[1], KEYS[2], KEYS[3]
    local refused = {}

    local function try(...)
      local reply = redis.pcall(...)
      if type(reply) ~= 'table' or not reply.err then return true end
      refused[#refused + 1] = (...)
      refused[#refused + 1] = reply.err
      return false
    end

    try('TIME')
    try('ZREVRANGE', index, 0, 0, 'WITHSCORES')
    try('ZRANGEBYSCORE', index, 1, 0)
    try('ZRANGE', index, 0, 0)
    try('ZSCORE', index, meta)
    try('ZCARD', index)
    try('ZADD', index, 'XX', 0, meta)
    try('ZREM', index, meta)
    local deletes, expires = try('DEL', history, meta), try('PEXPIRE', meta, 1000)
    if deletes or expires then
      try('RPUSH', history, '')
      try('PEXPIRE', history, 1000)
      try('HSET', meta, 'count', 0)
      try('PEXPIRE', meta, 1000)
      try('HSETNX', meta, 'count', 0)
    end
    try('HGET', meta, 'count')
    try('HMGET', meta, 'count')
    try('LRANGE', history, 0, 0)
    try('LLEN', history)
    try('LTRIM', history, 0, 0)
    try('EXISTS', history, meta)
    try('TYPE', meta)
    if deletes then redis.call('DEL', history, meta) end
    return refused
    """
}
