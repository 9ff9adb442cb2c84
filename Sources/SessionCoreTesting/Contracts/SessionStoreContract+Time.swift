import SessionCore
import Testing

extension SessionStoreContract {
  static let timeRules: [Rule] = [
    Rule("P3 A session is alive at its deadline, and gone a millisecond later") { bench in
      let store = try await bench.store(timeToLive: .seconds(1000))
      try await store.begin(bench.ids[0], with: bench.message())
      bench.time.advance(by: .seconds(1000))
      let atDeadline = try await store.list(in: .shared)
      #expect(atDeadline.value.map(\.timeLeft) == [.zero])
      #expect(atDeadline.removals.isEmpty)
      bench.time.advance(by: .milliseconds(1))
      #expect(try await store.open(bench.ids[0], in: .shared).value == nil)
    },
    Rule("P3 Each use restarts the time to live") { bench in
      let store = try await bench.store(timeToLive: .seconds(1000))
      let first = bench.message()
      try await store.begin(bench.ids[0], with: first)
      bench.time.advance(by: .seconds(900))
      #expect(try await store.open(bench.ids[0], in: .shared).value != nil)
      bench.time.advance(by: .seconds(900))
      let reply = try await store.append(
        bench.message(), to: bench.ids[0], in: .shared, following: first.id, returningWindow: false)
      #expect(reply.value == .appended(WarmSession(messages: [], messageCount: 2)))
      bench.time.advance(by: .seconds(900))
      #expect(try await store.list(in: .shared).value.map(\.timeLeft) == [.seconds(100)])
    },
    Rule("P5 What expired is reported once, oldest first, and never shown") { bench in
      let store = try await bench.store(timeToLive: .seconds(1000))
      try await store.begin(bench.ids[0], with: bench.message())
      bench.time.advance(by: .seconds(100))
      try await store.begin(bench.ids[1], with: bench.message())
      bench.time.advance(by: .seconds(6000))
      let reply = try await store.list(in: .shared)
      #expect(reply.value.isEmpty)
      #expect(
        reply.removals == [
          Removal(id: bench.ids[0], cause: .expired), Removal(id: bench.ids[1], cause: .expired),
        ])
      #expect(try await store.list(in: .shared).removals.isEmpty)
      #expect(try await store.open(bench.ids[0], in: .shared).removals.isEmpty)
    },
    Rule("P5 What expired never counts against the limit") { bench in
      let store = try await bench.store(limit: 2, timeToLive: .seconds(1000))
      try await store.begin(bench.ids[0], with: bench.message())
      bench.time.advance(by: .seconds(500))
      try await store.begin(bench.ids[1], with: bench.message())
      bench.time.advance(by: .seconds(600))
      let removals = try await store.begin(bench.ids[2], with: bench.message())
      #expect(removals == [Removal(id: bench.ids[0], cause: .expired)])
      #expect(try await store.listed() == [bench.ids[2], bench.ids[1]])
    },
    Rule("P5 A session that expired begins anew, and its end is reported") { bench in
      let store = try await bench.store(timeToLive: .seconds(1000))
      try await store.begin(bench.ids[0], with: bench.message("avant"))
      bench.time.advance(by: .seconds(1100))
      let message = bench.message("après")
      let reply = try await store.append(
        message, to: bench.ids[0], in: .shared, following: nil, returningWindow: true)
      #expect(reply.value == .appended(WarmSession(messages: [message], messageCount: 1)))
      #expect(reply.removals == [Removal(id: bench.ids[0], cause: .expired)])
    },
    Rule("P5 An append to an expired session finds it missing") { bench in
      let store = try await bench.store(timeToLive: .seconds(1000))
      let first = bench.message()
      try await store.begin(bench.ids[0], with: first)
      bench.time.advance(by: .seconds(1100))
      let reply = try await store.append(
        bench.message(), to: bench.ids[0], in: .shared, following: first.id, returningWindow: true)
      #expect(reply.value == .missing)
      #expect(reply.removals == [Removal(id: bench.ids[0], cause: .expired)])
    },
  ]
}
