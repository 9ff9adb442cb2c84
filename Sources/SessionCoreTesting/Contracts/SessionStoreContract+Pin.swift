import SessionCore
import Testing

extension SessionStoreContract {
  static let pinRules: [Rule] = [
    Rule("P9 A pinned session is not evicted") { bench in
      let store = try await bench.store(limit: 2)
      try await store.begin(bench.ids[0], with: bench.message())
      #expect(try await store.setPinned(true, bench.ids[0], in: .shared).value)
      try await store.begin(bench.ids[1], with: bench.message())
      let removals = try await store.begin(bench.ids[2], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[1], cause: .evicted)])
      let list = try await store.list(in: .shared).value
      #expect(list.map(\.id) == [bench.ids[2], bench.ids[0]])
      #expect(list.map(\.isPinned) == [false, true])
    },
    Rule("P9 A scope full of pins refuses a new session and changes nothing") { bench in
      let store = try await bench.store(limit: 2)
      for id in bench.ids[0..<2] {
        try await store.begin(id, with: bench.message())
        _ = try await store.setPinned(true, id, in: .shared)
      }
      let before = try await store.list(in: .shared).value
      let appended = await #expect(throws: SessionStoreError.self) {
        try await store.begin(bench.ids[2], with: bench.message())
      }
      #expect(appended?.code == .scopeFullOfPins)
      #expect(appended?.mayHaveActed == false)
      let paged = await #expect(throws: SessionStoreError.self) {
        try await store.pageIn(bench.ids[2], in: .shared, messages: [], messageCount: 0)
      }
      #expect(paged?.code == .scopeFullOfPins)
      #expect(try await store.list(in: .shared).value == before)
    },
    Rule("P9 Pinning uses nothing, and an unpinned session has its old place again") { bench in
      let store = try await bench.store(limit: 3)
      for id in bench.ids[0..<3] { try await store.begin(id, with: bench.message()) }
      _ = try await store.setPinned(true, bench.ids[0], in: .shared)
      #expect(try await store.listed() == [bench.ids[2], bench.ids[1], bench.ids[0]])
      _ = try await store.setPinned(false, bench.ids[0], in: .shared)
      let removals = try await store.begin(bench.ids[3], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[0], cause: .evicted)])
    },
    Rule("P9 A session that is not warm cannot be pinned") { bench in
      let store = try await bench.store()
      #expect(try await store.setPinned(true, bench.ids[0], in: .shared).value == false)
      #expect(try await store.listed().isEmpty)
    },
    Rule("P9 A page-in leaves a pin in place") { bench in
      let store = try await bench.store(limit: 1)
      try await store.begin(bench.ids[0], with: bench.message())
      _ = try await store.setPinned(true, bench.ids[0], in: .shared)
      _ = try await store.pageIn(bench.ids[0], in: .shared, messages: [], messageCount: 0)
      #expect(try await store.list(in: .shared).value.map(\.isPinned) == [true])
    },
    Rule("P9 A pinned session expires like any other") { bench in
      let store = try await bench.store(limit: 1, timeToLive: .seconds(1000))
      try await store.begin(bench.ids[0], with: bench.message())
      _ = try await store.setPinned(true, bench.ids[0], in: .shared)
      bench.time.advance(by: .milliseconds(1_000_001))
      let removals = try await store.begin(bench.ids[1], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[0], cause: .expired)])
    },
  ]
}
