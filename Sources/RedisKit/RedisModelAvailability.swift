public import SessionCore

/// Remembers in Redis which models are not to be asked, so that a quota which one process found
/// used up is known to all, and one of them finds out when a closing has ended.
///
/// A closed model is a hash, `chat_model_closed:<model>`: `until` the moment, `probe` until when
/// the others wait for the one who asks first. It expires `ModelRecovery.duration` after the
/// moment.
public struct RedisModelAvailability: ModelAvailability {
  private let client: RedisClient
  private let keyPrefix: String
  private let probeDuration: Duration
  /// The models that this process is the first to ask.
  private let probed = Locked<Set<String>>([])

  /// A memory on the server of `client`; `keyPrefix` stands before every key.
  public init(client: RedisClient, keyPrefix: String = "") {
    self.init(client: client, keyPrefix: keyPrefix, probeDuration: ModelRecovery.probeDuration)
  }

  init(client: RedisClient, keyPrefix: String, probeDuration: Duration) {
    self.client = client
    self.keyPrefix = keyPrefix
    self.probeDuration = probeDuration
  }

  /// The ones of `models` that are closed now. None when the server cannot be asked.
  public func closedModels(among models: [String]) async -> [String: Timestamp] {
    await look(at: models, for: probeDuration)
  }

  /// The ones of `models` that are closed now, for a caller who will not ask them: nothing changes.
  /// None when the server cannot be asked.
  public func closings(of models: [String]) async -> [String: Timestamp] {
    await look(at: models, for: .zero)
  }

  private func look(at models: [String], for probe: Duration) async -> [String: Timestamp] {
    // One script each: in a cluster the keys lie on several nodes.
    await withTaskGroup(of: (String, Int64).self) { group in
      for model in models { group.addTask { (model, await look(at: model, for: probe)) } }
      var closed: [String: Timestamp] = [:]
      for await (model, moment) in group {
        if moment > 0 { closed[model] = Timestamp(milliseconds: moment) }
        if moment == Self.isFirst { _ = probed.withLock { $0.insert(model) } }
      }
      return closed
    }
  }

  /// Closes `model` until `moment`, if the server can be told. A later moment that is already
  /// recorded stays.
  public func close(_ model: String, until moment: Timestamp) async {
    _ = probed.withLock { $0.remove(model) }
    _ = try? await Self.closing.run(
      on: client, [.text(key(of: model))],
      [.integer(moment.milliseconds), .integer(ModelRecovery.duration.wholeMilliseconds)])
  }

  /// Opens `model` for all, when this process was the first to ask it. No round trip otherwise.
  public func reopen(_ model: String) async {
    guard probed.withLock({ $0.remove(model) }) != nil else { return }
    _ = try? await Self.reopening.run(on: client, [.text(key(of: model))], [])
  }

  private func look(at model: String, for probe: Duration) async -> Int64 {
    let value = try? await Self.looking.run(
      on: client, [.text(key(of: model))],
      [.integer(probe.wholeMilliseconds)])
    return value?.integer ?? 0
  }

  private func key(of model: String) -> String {
    keyPrefix + "chat_model_closed:" + SessionKeys.encode(model)
  }

  /// What the script of looking says when the caller is the first to ask after a closing.
  private static let isFirst: Int64 = -1

  /// KEYS[1] the model's key; ARGV[1] the moment, ARGV[2] for how long after it the key stays, in
  /// ms. A moment that has passed closes nothing.
  private static let closing = RedisScript(
    """
    local known = redis.pcall('HGET', KEYS[1], 'until')
    local moment = math.max(type(known) == 'string' and tonumber(known) or 0, tonumber(ARGV[1]))
    local time = redis.call('TIME')
    if moment <= time[1] * 1000 + math.floor(time[2] / 1000) then return 0 end
    redis.call('DEL', KEYS[1])
    redis.call('HSET', KEYS[1], 'until', string.format('%.0f', moment))
    redis.call('PEXPIREAT', KEYS[1], string.format('%.0f', moment + ARGV[2]))
    return 1
    """, isSafeToRepeat: true)

  /// KEYS[1] the model's key; ARGV[1] how long the first one to ask has, in ms; 0: the caller will
  /// not ask. Says until when the caller must not ask; 0: it may; -1: it may, and is the first.
  private static let looking = RedisScript(
    """
    local known = redis.pcall('HMGET', KEYS[1], 'until', 'probe')
    if not known[1] or not tonumber(known[1]) then return 0 end
    local time = redis.call('TIME')
    local now = time[1] * 1000 + math.floor(time[2] / 1000)
    local closed = math.max(tonumber(known[1]), tonumber(known[2] or 0) or 0)
    if closed > now then return closed end
    if ARGV[1] == '0' then return 0 end
    redis.call('HSET', KEYS[1], 'probe', string.format('%.0f', now + ARGV[1]))
    return -1
    """, isSafeToRepeat: true)

  /// KEYS[1] the model's key. A model that was closed anew stays closed.
  private static let reopening = RedisScript(
    """
    local known = redis.pcall('HGET', KEYS[1], 'until')
    local moment = type(known) == 'string' and tonumber(known) or 0
    local time = redis.call('TIME')
    if moment <= time[1] * 1000 + math.floor(time[2] / 1000) then redis.call('DEL', KEYS[1]) end
    return 1
    """, isSafeToRepeat: true)
}
