import SessionCore

// One node at a time: for what is about a node and not about keys.
extension Router {
  /// Sends a command to one node, whatever slots it has.
  func run(
    _ command: RedisCommand, at address: RedisConfiguration.Address
  ) async throws -> RedisValue {
    try await node(at: address).run(command.encoded, replyCount: 1)[0]
  }

  /// How to reach the node that has the slot, or any primary for nil.
  ///
  /// - Throws: ``RedisError`` when nobody knows; `CancellationError`.
  func settings(forSlot slot: Int?) async throws -> RedisConfiguration {
    let (isUnknown, moment) = state.withLock { ($0.map.isEmpty, $0.lastForgotten) }
    if isUnknown {
      try await learn(
        since: moment, until: Polling.deadline(in: configuration.commandTimeout))
    }
    let (address, trouble) = state.withLock { ($0.map.owner(of: slot), $0.trouble?.error) }
    if let address { return settings(of: address) }
    throw trouble
      ?? RedisError(code: .connectFailed, reason: "no node of the cluster serves the key's slot")
  }

  /// The primaries as they are known now, without asking anybody.
  var knownPrimaries: [RedisConfiguration] {
    state.withLock { $0.map.primaries }.map(settings)
  }

  /// Notes that a connection to the node failed or was lost: who has what is found out anew.
  func noteTrouble(with address: RedisConfiguration.Address) {
    if case .sentinel = configuration.topology {
      state.withLock { state in
        guard state.map.primaries.contains(address) else { return }
        state.letGo(of: address)
        state.map = NodeMap()
        state.lastForgotten = Polling.now()
      }
    }
    startLearning()
  }
}
