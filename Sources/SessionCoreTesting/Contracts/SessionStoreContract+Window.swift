import SessionCore
import Testing

extension SessionStoreContract {
  static let windowRules: [Rule] = [
    Rule("P6 The newest messages stay warm, and all are counted") { bench in
      let store = try await bench.store(window: 3)
      var tail: MessageID?
      for number in 1...5 {
        let message = bench.message("\(number)")
        _ = try await store.append(
          message, to: bench.ids[0], in: .shared, following: tail, returningWindow: false)
        tail = message.id
      }
      let session = try await store.open(bench.ids[0], in: .shared).value
      #expect(session?.messages.map(\.content) == ["3", "4", "5"])
      #expect(session?.messageCount == 5)
    },
    Rule("P6 A page-in keeps the newest messages and the count it is given") { bench in
      let store = try await bench.store(window: 2)
      let messages = (1...4).map { bench.message("\($0)") }
      _ = try await store.pageIn(
        bench.ids[0], in: .shared, messages: messages, messageCount: 1000)
      let session = try await store.open(bench.ids[0], in: .shared).value
      #expect(session?.messages.map(\.content) == ["3", "4"])
      #expect(session?.messageCount == 1000)
    },
    Rule("P6 A message comes back as it was, whatever it holds") { bench in
      let store = try await bench.store()
      let contents = [
        "", " ", "\"\\/\u{8}\u{C}\n\r\t", "\u{0}\u{1}\u{1F}\u{7F}", "é e\u{301} 🇫🇷 👩‍👩‍👧", "user: moi",
        "{\"role\":\"user\"}", String(repeating: "long ", count: 20_000),
        "\u{2028}\u{FEFF}\u{FFFD}",
      ]
      var messages = contents.map { bench.message($0) }
      messages += Role.allCases.map { bench.message("rôle", role: $0) }
      messages += AnswerState.allCases.map { state in
        var message = bench.message("réponse", role: .assistant)
        message.answer = AnswerDetails(
          state: state, model: "gemini-2.5-flash",
          usage: TokenUsage(
            promptTokenCount: 1, answerTokenCount: 2, thoughtTokenCount: 3, totalTokenCount: 6,
            cachedTokenCount: state == .complete ? 1 : nil),
          finishReason: "STOP", responseID: "r-1", startedAt: bench.time.now())
        return message
      }
      _ = try await store.pageIn(
        bench.ids[0], in: .shared, messages: messages, messageCount: messages.count)
      #expect(try await store.open(bench.ids[0], in: .shared).value?.messages == messages)
      let reply = try await store.append(
        messages[0], to: bench.ids[1], in: .shared, following: nil, returningWindow: true)
      #expect(reply.value == .appended(WarmSession(messages: [messages[0]], messageCount: 1)))
    },
    Rule("T2 A message that is already the last one is not added again") { bench in
      let store = try await bench.store()
      let first = bench.message()
      for _ in 1...3 {
        let reply = try await store.append(
          first, to: bench.ids[0], in: .shared, following: nil, returningWindow: true)
        #expect(reply.value == .appended(WarmSession(messages: [first], messageCount: 1)))
      }
    },
    Rule("T4 An append is refused when the session ends elsewhere") { bench in
      let store = try await bench.store()
      let first = bench.message()
      try await store.begin(bench.ids[0], with: first)
      for tail in [nil, MessageID.generate()] {
        let reply = try await store.append(
          bench.message(), to: bench.ids[0], in: .shared, following: tail, returningWindow: true)
        #expect(reply.value == .stale)
      }
      let session = try await store.open(bench.ids[0], in: .shared).value
      #expect(session == WarmSession(messages: [first], messageCount: 1))
    },
    Rule("T4 An append to a session that is not warm creates nothing") { bench in
      let store = try await bench.store()
      let reply = try await store.append(
        bench.message(), to: bench.ids[0], in: .shared, following: .generate(),
        returningWindow: true)
      #expect(reply.value == .missing)
      #expect(try await store.listed().isEmpty)
    },
    Rule("T4 An empty session takes a first message") { bench in
      let store = try await bench.store()
      _ = try await store.pageIn(bench.ids[0], in: .shared, messages: [], messageCount: 0)
      #expect(
        try await store.open(bench.ids[0], in: .shared).value
          == WarmSession(messages: [], messageCount: 0))
      let first = bench.message()
      let reply = try await store.append(
        first, to: bench.ids[0], in: .shared, following: nil, returningWindow: true)
      #expect(reply.value == .appended(WarmSession(messages: [first], messageCount: 1)))
    },
    Rule("T4 A page-in replaces what is there") { bench in
      let store = try await bench.store()
      try await store.begin(bench.ids[0], with: bench.message("périmé"))
      let truth = bench.message("vrai")
      _ = try await store.pageIn(bench.ids[0], in: .shared, messages: [truth], messageCount: 7)
      let session = try await store.open(bench.ids[0], in: .shared).value
      #expect(session == WarmSession(messages: [truth], messageCount: 7))
    },
  ]
}
