public import SessionCore

extension RedisSessionStore {
  /// Finds out what the server is, and what keeps it or may keep it from serving a scope: every
  /// command of the store is tried, on the scope's own keys, and nothing is changed by it.
  ///
  /// What the server may not be asked by this user (`INFO`) is nil; it is no finding. Costs a few
  /// round trips, on a connection of its own.
  ///
  /// - Throws: `CancellationError`; `SessionStoreError` with code `refused` for a scope that cannot
  ///   be on this server, see ``check(_:)``.
  public func diagnose(in scope: Scope = .shared) async throws -> RedisDiagnosis {
    try check(scope)
    var diagnosis = RedisDiagnosis()
    let keys = SessionKeys(scope, prefix: keyPrefix)
    do {
      try await client.withConnection(forKey: keys.index) { connection in
        try await look(at: keys, on: connection, &diagnosis)
      }
    } catch let error as RedisError { diagnosis.add(SessionStoreError(error)) }
    return diagnosis
  }

  private func look(
    at keys: SessionKeys, on connection: RedisConnection, _ diagnosis: inout RedisDiagnosis
  ) async throws {
    let start = ContinuousClock.now
    let ping = try await connection.pipeline([RedisCommand("PING")])[0]
    diagnosis.roundTrip = .now - start
    switch ping {
    case .status("PONG"): break
    // A store does without.
    case .error(let error) where error.code == "NOPERM": break
    case .error(let error): diagnosis.add(SessionStoreError(RedisError(error, command: "PING")))
    default: diagnosis.add(.nonsense, "its answer to PING is not Redis's")
    }
    let answers = try await connection.pipeline([
      RedisCommand("HELLO"), RedisCommand("INFO"), RedisCommand("CONFIG", "GET", "save"),
    ])
    diagnosis.read(hello: answers[0])
    diagnosis.read(info: answers[1].string ?? "")
    diagnosis.read(save: answers[2])
    if diagnosis.isServing { try await tryCommands(keys, on: connection, &diagnosis) }
  }

  /// Runs each command of the scripts where it changes nothing that anybody sees.
  private func tryCommands(
    _ keys: SessionKeys, on connection: RedisConnection, _ diagnosis: inout RedisDiagnosis
  ) async throws {
    let id = ConversationID.generate().uuid.text
    let names: [RedisArgument] = [
      .text(keys.index), .text(keys.historyPrefix + id), .text(keys.metaPrefix + id),
    ]
    let probe = SessionScripts.probe
    let replies = try await connection.pipeline([
      RedisCommand("EVALSHA", [.text(probe.digest), 3] + names),
      RedisCommand("EVAL", [.text(probe.source), 3] + names),
    ])
    for (reply, name) in zip(replies, ["EVALSHA", "EVAL"]) {
      guard case .error(let error) = reply, error.code != "NOSCRIPT" else { continue }
      add(error, of: name, keys, &diagnosis)
    }
    if replies[1].isRefusal { return }
    guard let refused = try? replies[1].pairs else {
      return diagnosis.add(.nonsense, "its answer to EVAL is not Redis's")
    }
    for (name, line) in refused {
      add(RedisServerError(line: line.string ?? ""), of: name.string ?? "", keys, &diagnosis)
    }
  }

  private func add(
    _ error: RedisServerError, of command: String, _ keys: SessionKeys,
    _ diagnosis: inout RedisDiagnosis
  ) {
    let kinds = diagnosis.findings.map(\.kind)
    switch (error.code, SessionStoreError.Cause(error)) {
    case ("WRONGTYPE", _): if !kinds.contains(.damaged) { diagnosis.add(.damaged, keys.index) }
    case (_, .missingPermission) where error.message.contains(" key"):
      guard !kinds.contains(.missingKeys) else { return }
      for name in [keys.index, keys.historyPrefix + "*", keys.metaPrefix + "*"] {
        diagnosis.add(.missingKeys, name)
      }
    case (_, .missingPermission): diagnosis.add(.missingCommands, command)
    // What the server refuses to one writing command it refuses to all.
    default:
      var other = RedisDiagnosis()
      other.add(SessionStoreError(RedisError(error, command: command)))
      for finding in other.findings where !kinds.contains(finding.kind) {
        diagnosis.findings.append(finding)
      }
    }
  }
}
