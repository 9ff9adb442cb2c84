import SessionCore
import TestSupport
import Testing

@Suite("The session store in memory")
struct InMemorySessionStoreTests {
  @Test(
    "P8 keeps the contract of session stores",
    arguments: SessionStoreContract.rules)
  func contract(rule: SessionStoreContract.Rule) async throws {
    try await rule.check { limits, time in InMemorySessionStore(limits: limits, time: time) }
  }

  @Test("P8 answers 2,000 random sequences of 200 operations as the plainest model does")
  func model() async throws {
    for seed in 0..<UInt64(2000) {
      try await SessionStoreModelTest.run(seed: seed, operationCount: 200) { limits, time in
        InMemorySessionStore(limits: limits, time: time)
      }
    }
  }

  @Test("P4 Sixty tasks at once never see more sessions than the limit, and lose no removal")
  func simultaneous() async throws {
    let store = InMemorySessionStore(limits: SessionLimits(sessionCountMax: 3))
    let removed = try await withThrowingTaskGroup(of: [Removal].self) { group in
      for number in 0..<60 {
        group.addTask {
          let message = Message(
            id: .generate(), role: .user, content: "\(number)", createdAt: .now())
          let appended = try await store.append(
            message, to: .generate(), in: .shared, following: nil, returningWindow: false)
          let listed = try await store.list(in: .shared)
          #expect(listed.value.count <= 3)
          return appended.removals + listed.removals
        }
      }
      return try await group.reduce(into: []) { $0 += $1 }
    }
    #expect(removed.count == 57)
    #expect(Set(removed.map(\.id)).count == 57)
    #expect(removed.allSatisfy { $0.cause == .evicted })
  }

  @Test("P7 A hundred thousand sessions are held, used and freed through the store")
  func many() async throws {
    let count = 100_000
    let time = ManualTime()
    let store = InMemorySessionStore(limits: SessionLimits(sessionCountMax: count), time: time)
    var random = RepeatableRandom(seed: 2)
    let ids = (0..<count).map { _ in random.conversationID() }
    let message = Message(id: .generate(), role: .user, content: "un", createdAt: time.now())
    for id in ids {
      _ = try await store.append(
        message, to: id, in: .shared, following: nil, returningWindow: false)
    }
    for id in ids.prefix(1000) {
      #expect(try await store.open(id, in: .shared).value?.messageCount == 1)
    }
    time.advance(by: .seconds(3601))
    #expect(try await store.list(in: .shared).removals.count == count)
  }
}
