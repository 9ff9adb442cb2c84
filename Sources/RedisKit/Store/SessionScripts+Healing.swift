extension SessionScripts {
  /// The end of every script: runs what stands before it, removes what made no sense in it, and
  /// then
  /// runs it once more.
  static let ending = """

    end

    local done, reply = pcall(run)
    if done then return reply end

    local function is_other(key, kind)
      local found = redis.call('TYPE', key).ok
      return found ~= 'none' and found ~= kind
    end

    local function is_damaged(of, score)
      local meta = meta_prefix .. of
      if is_other(meta, 'hash') or is_other(history_prefix .. of, 'list') then return true end
      local count = redis.call('HGET', meta, 'count')
      return score > clock() + day or count and not is_count(count)
    end

    -- Removes what makes no sense.
    local function heal()
      if is_other(index, 'zset') then
        redis.call('DEL', index)
        removed[#removed + 1] = ''
        removed[#removed + 1] = 'damaged'
      end
      local scores = redis.call('ZRANGE', index, 0, -1, 'WITHSCORES')
      for position = 1, #scores, 2 do
        local of = scores[position]
        if is_damaged(of, tonumber(scores[position + 1])) then remove(of, 'damaged') end
      end
      if history and is_damaged(id, 0) then remove(id, 'damaged') end
    end

    local reason = type(reply) == 'table' and reply.err or tostring(reply)
    if reason:find('WRONGTYPE') or reason:find('DAMAGED') then
      heal()
      return run()
    end
    -- As the server words it for a script without `pcall`, in every version.
    reason = reason:gsub('^@?user_script: ?%d+: ?', ''):gsub('^%-', '')
    return {err = reason:find('^%u+ ') and reason or 'ERR ' .. reason}
    """
}
