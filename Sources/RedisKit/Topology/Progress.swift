/// Commands that travel together, and the answers that have come so far.
struct Progress {
  private let commands: [RedisCommand]
  private let isTransaction: Bool
  let isSafeToRepeat: Bool
  /// One for each command; what is refused for now has its refusal.
  private(set) var values: [RedisValue]
  /// The positions of those that have no answer that counts.
  private(set) var open: [Int]

  init(_ commands: [RedisCommand]) {
    self.commands = commands
    isTransaction = commands.contains { $0.name.uppercased() == "MULTI" }
    isSafeToRepeat = commands.allSatisfy(\.isSafeToRepeat)
    values = Array(repeating: .null, count: commands.count)
    open = Array(commands.indices)
  }

  /// What to send: each open command, after an `ASKING` if its key is on its way.
  func bytes(isAsking: Bool) -> [UInt8] {
    RedisCommand.joined(open.flatMap { isAsking ? [Self.asking, commands[$0]] : [commands[$0]] })
  }

  /// Whether some are answered and some are not.
  var isPartial: Bool { open.count < commands.count }

  func replyCount(isAsking: Bool) -> Int { open.count * (isAsking ? 2 : 1) }

  /// The replies to the commands, without those to `ASKING`.
  func replies(in values: [RedisValue], isAsking: Bool) -> [RedisValue] {
    isAsking ? stride(from: 1, to: values.count, by: 2).map { values[$0] } : values
  }

  /// Takes the replies to the open commands. Nil: everything is answered. Otherwise what was
  /// refused for now stays open, and what to do about it is returned.
  mutating func take(
    _ replies: [RedisValue], from address: RedisConfiguration.Address
  ) -> Detour? {
    var refused: [Int] = []
    var detour: Detour?
    for (position, reply) in zip(open, replies) {
      values[position] = reply
      guard case .error(let error) = reply,
        let found = Detour(error, from: address, isSafeToRepeat: isSafeToRepeat)
      else { continue }
      refused.append(position)
      detour = detour ?? found
    }
    guard isTransaction, let found = detour else {
      open = refused
      return detour
    }
    // Either all of a transaction was thrown away, and all is sent again, or its answer holds.
    guard case .error(let end)? = values.last, end.code == "EXECABORT" else { return nil }
    // Inside a transaction `ASKING` would only be queued: it waits until the slot has moved.
    if case .ask = found { return .wait }
    return found
  }

  private static let asking = RedisCommand("ASKING")
}
