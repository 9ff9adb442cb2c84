import SessionCore
import Testing

extension SessionStoreContract {
  static let useRules: [Rule] = [
    Rule("P1 A scope never holds more sessions than its limit") { bench in
      let store = try await bench.store(limit: 3)
      for id in bench.ids {
        try await store.begin(id, with: bench.message())
        #expect(try await store.listed().count <= 3)
      }
      #expect(try await store.listed() == [bench.ids[5], bench.ids[4], bench.ids[3]])
    },
    Rule("P1 A limit of one keeps the newest session alone") { bench in
      let store = try await bench.store(limit: 1)
      try await store.begin(bench.ids[0], with: bench.message())
      let removals = try await store.begin(bench.ids[1], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[0], cause: .evicted)])
      #expect(try await store.listed() == [bench.ids[1]])
    },
    Rule("P1 The scopes of two users have a limit each") { bench in
      let store = try await bench.store(limit: 1)
      let (awa, other) = (Scope.user(try UserID("Awa")), Scope.user(try UserID("awa")))
      try await store.begin(bench.ids[0], in: awa, with: bench.message())
      let removals = try await store.begin(bench.ids[1], in: other, with: bench.message())
      #expect(removals.isEmpty)
      #expect(try await store.listed(in: awa) == [bench.ids[0]])
      #expect(try await store.listed(in: other) == [bench.ids[1]])
      #expect(try await store.listed().isEmpty)
    },
    Rule("P1 A name with braces, colons, spaces and control characters meets nobody else's") {
      bench in
      let store = try await bench.store(limit: 1)
      let names = ["a", "{a}", "a:b", "a b", "a%20b", "a\u{1}b", "é", "e\u{301}", "a}:{b", "*"]
      for name in names {
        let scope = Scope.user(try UserID(name))
        #expect(try await store.listed(in: scope).isEmpty, "\(name) is a user of its own")
        try await store.begin(bench.ids[0], in: scope, with: bench.message(name))
      }
      for name in names {
        let scope = Scope.user(try UserID(name))
        let session = try await store.open(bench.ids[0], in: scope).value
        #expect(session?.messages.map(\.content) == [name])
      }
    },
    Rule("P2 What leaves for the limit is the least recently used") { bench in
      let store = try await bench.store(limit: 3)
      for id in bench.ids[0..<3] { try await store.begin(id, with: bench.message()) }
      _ = try await store.open(bench.ids[0], in: .shared)
      let removals = try await store.begin(bench.ids[3], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[1], cause: .evicted)])
    },
    Rule("P2 Appending uses a session") { bench in
      let store = try await bench.store(limit: 2)
      let first = bench.message()
      try await store.begin(bench.ids[0], with: first)
      try await store.begin(bench.ids[1], with: bench.message())
      _ = try await store.append(
        bench.message(), to: bench.ids[0], in: .shared, following: first.id, returningWindow: false)
      let removals = try await store.begin(bench.ids[2], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[1], cause: .evicted)])
    },
    Rule("P2 Listing uses nothing") { bench in
      let store = try await bench.store(limit: 2)
      try await store.begin(bench.ids[0], with: bench.message())
      try await store.begin(bench.ids[1], with: bench.message())
      let before = try await store.list(in: .shared).value
      #expect(try await store.list(in: .shared).value == before)
      bench.time.advance(by: .seconds(60))
      let after = try await store.list(in: .shared).value
      #expect(after.map(\.timeLeft) == [.seconds(3540), .seconds(3540)])
      let removals = try await store.begin(bench.ids[2], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[0], cause: .evicted)])
    },
    Rule("P2 Uses within one millisecond keep their order") { bench in
      let store = try await bench.store(limit: 6)
      for id in bench.ids { try await store.begin(id, with: bench.message()) }
      for id in bench.ids.reversed() { _ = try await store.open(id, in: .shared) }
      #expect(try await store.listed() == bench.ids)
    },
    Rule("P2 A refused append uses nothing") { bench in
      let store = try await bench.store(limit: 2)
      try await store.begin(bench.ids[0], with: bench.message())
      try await store.begin(bench.ids[1], with: bench.message())
      let reply = try await store.append(
        bench.message(), to: bench.ids[0], in: .shared, following: .generate(),
        returningWindow: true)
      #expect(reply.value == .stale)
      #expect(try await store.listed() == [bench.ids[1], bench.ids[0]])
    },
    Rule("P5 Closing is reported once, and frees a place") { bench in
      let store = try await bench.store(limit: 1)
      try await store.begin(bench.ids[0], with: bench.message())
      let removals = try await store.close(bench.ids[0], in: .shared).removals
      #expect(removals == [Removal(id: bench.ids[0], cause: .closed)])
      #expect(try await store.close(bench.ids[0], in: .shared).removals.isEmpty)
      #expect(try await store.open(bench.ids[0], in: .shared).value == nil)
      #expect(try await store.begin(bench.ids[1], with: bench.message()).isEmpty)
    },
  ]
}
