import SessionCore

/// Asks nodes of a cluster, or sentinels, who has what. Each on a connection of its own, so that
/// one that is away holds up nobody and leaves nothing behind.
struct Discovery {
  typealias Address = RedisConfiguration.Address

  /// What they said.
  enum Finding: Sendable {
    case found(NodeMap)
    /// They are there, and there is no primary for now.
    case unsettled(RedisError)
    /// None of them is there, or will tell.
    case unreachable(RedisError)
  }

  private let configuration: RedisConfiguration
  private let candidates: [Address]

  /// - Parameter known: What was found before: in a cluster every node knows, not only those that
  ///   the configuration names.
  init(_ configuration: RedisConfiguration, _ known: NodeMap) {
    self.configuration = configuration
    var candidates: [Address] = []
    if case .cluster = configuration.topology {
      candidates = Array((known.primaries + known.replicas).shuffled().prefix(9))
    }
    self.candidates =
      candidates + configuration.addresses.filter { !candidates.contains($0) }
  }

  /// Asks up to three at a time, and takes the first answer that says something.
  func find() async -> Finding {
    if let reason = configuration.contradiction {
      return .unreachable(RedisError(code: .invalidConfiguration, reason: reason))
    }
    return await withTaskGroup(of: Finding.self) { group in
      var rest = candidates[...]
      for _ in 0..<3 {
        if let candidate = rest.popFirst() { group.addTask { await ask(candidate) } }
      }
      var last: Finding?
      for await finding in group {
        switch (finding, last) {
        case (.found, _):
          group.cancelAll()
          return finding
        // That somebody is there says more than that somebody else is not.
        case (.unreachable, .unsettled): break
        default: last = finding
        }
        if let candidate = rest.popFirst() { group.addTask { await ask(candidate) } }
      }
      return last ?? .unreachable(failure("nobody is named who could be asked"))
    }
  }

  private func ask(_ candidate: Address) async -> Finding {
    var settings = configuration
    settings.address = candidate
    settings.topology = .single
    settings.connectionCount = 1
    if case .sentinel(let group) = configuration.topology {
      settings.database = 0
      settings.user = group.user
      settings.password = group.password
      return await on(settings) { await findPrimary(group.primaryName, at: candidate, $0) }
    }
    return await on(settings) { await findSlots(at: candidate, $0) }
  }

  private func on(
    _ settings: RedisConfiguration, _ body: (Node) async -> Finding
  ) async -> Finding {
    let node = Node(settings)
    let finding = await body(node)
    await node.close()
    return finding
  }

  private func findSlots(at candidate: Address, _ node: Node) async -> Finding {
    do {
      let answer = try await reply(to: RedisCommand("CLUSTER", "SLOTS"), node)
      if let map = NodeMap(slots: answer, from: candidate) { return .found(map) }
      if case .error(let error) = answer, !error.isPassing {
        return .unreachable(failure("\(candidate) answers: \(error)", error))
      }
      return .unsettled(failure("\(candidate) knows of no node with a slot"))
    } catch { return .unreachable(failure(error)) }
  }

  private func findPrimary(_ name: String, at candidate: Address, _ node: Node) async -> Finding {
    let command = RedisCommand("SENTINEL", "get-master-addr-by-name", .text(name))
    let primary: Address
    do {
      let answer = try await reply(to: command, node)
      if case .error(let error) = answer {
        return .unreachable(failure("the sentinel at \(candidate) answers: \(error)", error))
      }
      guard let parts = answer.array, parts.count == 2, let host = parts[0].string,
        let port = parts[1].integer.flatMap(UInt16.init(exactly:)),
        let address = Address(host: host, port: port, near: candidate)
      else {
        return .unreachable(
          failure("the sentinel at \(candidate) knows no primary called \(name)"))
      }
      primary = address
    } catch { return .unreachable(failure(error)) }
    // What a sentinel says may be a moment old: the server itself is asked, at the connect.
    var settings = configuration
    settings.address = primary
    settings.topology = .single
    settings.connectionCount = 1
    settings.mustBePrimary = true
    return await on(settings) { node in
      do {
        // A user who may not PING is let in all the same.
        if case .error(let error) = try await reply(to: RedisCommand("PING"), node), error.isPassing
        {
          return .unsettled(failure("\(primary) answers: \(error)", error))
        }
        return .found(NodeMap(all: primary))
      } catch {
        let isRefused = (error as? RedisError)?.server != nil
        return isRefused ? .unreachable(failure(error)) : .unsettled(failure(error))
      }
    }
  }

  private func reply(to command: RedisCommand, _ node: Node) async throws -> RedisValue {
    try await node.run(command.encoded, replyCount: 1)[0]
  }

  private func failure(_ error: any Error) -> RedisError {
    let error = error as? RedisError
    return failure(error?.reason ?? "given up", error?.server)
  }

  private func failure(_ reason: String, _ server: RedisServerError? = nil) -> RedisError {
    RedisError(
      code: .connectFailed, reason: "\(configuration) cannot be found: \(reason)", server: server)
  }
}
