public import SessionCore

/// Remembers in Redis which models are not to be asked, so that a quota which one process found
/// used up is known to all.
///
/// A closed model is a key, `chat_model_closed:<model>`, that holds the moment and expires at it.
public struct RedisModelAvailability: ModelAvailability {
  private let client: RedisClient
  private let keyPrefix: String

  /// A memory on the server of `client`; `keyPrefix` stands before every key.
  public init(client: RedisClient, keyPrefix: String = "") {
    self.client = client
    self.keyPrefix = keyPrefix
  }

  /// The ones of `models` that are closed now. None when the server cannot be asked.
  public func closedModels(among models: [String]) async -> [String: Timestamp] {
    if models.isEmpty { return [:] }
    // One key each and not one MGET: in a cluster they lie on several nodes.
    let commands = models.map { RedisCommand("GET", .text(key(of: $0))) }
    guard let values = try? await client.pipeline(commands) else { return [:] }
    var closed: [String: Timestamp] = [:]
    for (model, value) in zip(models, values) {
      guard let moment = value.integer else { continue }
      closed[model] = Timestamp(milliseconds: moment)
    }
    return closed
  }

  /// Closes `model` until `moment`, if the server can be told. A later moment that is already
  /// recorded stays.
  public func close(_ model: String, until moment: Timestamp) async {
    _ = try? await Self.closing.run(
      on: client, keys: [.text(key(of: model))], [.integer(moment.milliseconds)])
  }

  private func key(of model: String) -> String {
    keyPrefix + "chat_model_closed:" + SessionKeys.encode(model)
  }

  /// KEYS[1] the model's key; ARGV[1] the moment, in ms. A moment that has passed closes nothing.
  private static let closing = Script(
    """
    local known = tonumber(redis.call('GET', KEYS[1]) or 0)
    if known < tonumber(ARGV[1]) then redis.call('SET', KEYS[1], ARGV[1], 'PXAT', ARGV[1]) end
    return 1
    """)
}
