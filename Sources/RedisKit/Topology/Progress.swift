/// Commands that travel together, and the answers that have come so far.
struct Progress {
  private let commands: [RedisCommand]
  private let isTransaction: Bool
  let isSafeToRepeat: Bool
  /// One for each command; what is refused for now has its refusal.
  private(set) var values: [RedisValue]
  /// The positions of those that have no answer that counts.
  private(set) var open: [Int]

  /// - Throws: ``RedisError`` when they hold a transaction and something else: a refusal inside it
  ///   is answered at its end, and what stands around it would be carried out twice.
  init(_ commands: [RedisCommand]) throws(RedisError) {
    self.commands = commands
    let names = commands.map { $0.name.uppercased() }
    isTransaction = names.contains(where: Self.transactionCommands.contains)
    let inside = names.dropFirst().dropLast()
    if isTransaction,
      names.count < 2 || names.first != "MULTI" || names.last != "EXEC"
        || inside.contains(where: Self.transactionCommands.contains)
    {
      throw RedisError(
        code: .unsupportedCommand,
        reason: "where there are several servers, a pipeline with a transaction is all of one: "
          + "MULTI first, EXEC last")
    }
    isSafeToRepeat = commands.allSatisfy(\.isSafeToRepeat)
    values = Array(repeating: .null, count: commands.count)
    open = Array(commands.indices)
  }

  /// What to send: each open command, after an `ASKING` if its key is on its way.
  func bytes(isAsking: Bool) -> [UInt8] {
    RedisCommand.joined(open.flatMap { isAsking ? [Self.asking, commands[$0]] : [commands[$0]] })
  }

  /// Of all commands.
  var byteCount: Int { commands.reduce(0) { $0 + $1.encoded.count } }

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
    var isReplica = false
    for (position, reply) in zip(open, replies) {
      values[position] = reply
      if let error = refusal(reply),
        let found = Detour(error, from: address, isSafeToRepeat: isSafeToRepeat)
      {
        refused.append(position)
        if detour == nil || found == .again { detour = found }
        if error.code == "READONLY" { isReplica = true }
      } else if isReplica, commands[position].isSafeToRepeat {
        // Read from a server that would not write what stands before it.
        refused.append(position)
      }
    }
    guard isTransaction, let found = detour else {
      open = refused
      return detour
    }
    // Either all of a transaction was thrown away, and all is sent again, or its answer holds.
    guard let last = values.last, case .error(let end) = last,
      end.code == "EXECABORT" || refused.last == values.count - 1
    else { return nil }
    // Inside a transaction `ASKING` would only be queued: it waits until the slot has moved.
    if case .ask = found { return .wait }
    return found
  }

  /// The error that a reply is; of an `EXEC` that was itself refused, the reason that it names.
  private func refusal(_ reply: RedisValue) -> RedisServerError? {
    guard case .error(let error) = reply else { return nil }
    let opening = "Transaction discarded because of: "
    if isTransaction, error.code == "EXECABORT", error.message.hasPrefix(opening) {
      return RedisServerError(line: String(error.message.dropFirst(opening.count)))
    }
    return error
  }

  private static let asking = RedisCommand("ASKING")
  private static let transactionCommands: Set<String> = ["MULTI", "EXEC", "DISCARD"]
}
