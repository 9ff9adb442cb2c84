import SessionCore
import Testing

extension ConversationArchiveContract {
  static let turnRules: [Rule] = [
    Rule("T1 A message comes back as it was, whatever it holds") { shelf in
      var messages = [
        "x", " ", "\"\\/'`;--%_\u{8}\n\r\t", "a\u{0}b", "é e\u{301} 🇫🇷 👩‍👩‍👧", "{\"a\":1}",
        String(repeating: "mot ", count: 300_000), "\u{FEFF}\u{FFFD}\u{2028}",
      ].map { shelf.message($0) }
      messages += Role.allCases.map { shelf.message("rôle", role: $0) }
      messages += AnswerState.allCases.map { state in
        var message = shelf.message("réponse", role: .assistant)
        message.answer = AnswerDetails(
          state: state, model: "gemini-2.5-flash",
          usage: TokenUsage(
            promptTokenCount: 1, answerTokenCount: 2, thoughtTokenCount: 3, totalTokenCount: 6,
            cachedTokenCount: 1),
          finishReason: "STOP", responseID: "r-1", startedAt: Shelf.start)
        return message
      }
      for message in messages {
        _ = try await shelf.archive.append(message, to: shelf.thread, of: try shelf.user())
      }
      let read = try await shelf.archive.newestMessages(
        in: shelf.thread, of: try shelf.user(), limit: 100)
      #expect(read == messages)
      for message in messages {
        let one = try await shelf.archive.message(
          message.id, in: shelf.thread, of: try shelf.user())
        #expect(one == message)
      }
    },
    Rule("T2 A message id written twice is stored once, and stays as it was first") { shelf in
      let messages = try await shelf.say(["un", "deux", "trois"])
      for (index, message) in messages.enumerated() {
        var changed = message
        changed.content = "autre"
        let receipt = try await shelf.archive.append(
          changed, to: shelf.thread, of: try shelf.user())
        #expect(!receipt.isNew)
        #expect(receipt.previous == (index == 0 ? nil : messages[index - 1].id))
      }
      let read = try await shelf.archive.newestMessages(
        in: shelf.thread, of: try shelf.user(), limit: 10)
      #expect(read == messages)
    },
    Rule("T2 A message id of another thread is refused") { shelf in
      let message = try await shelf.say(["un"])[0]
      let code = await shelf.code {
        _ = try await shelf.archive.append(message, to: shelf.other, of: try shelf.user())
      }
      #expect(code == .idTaken)
      let foreign = await shelf.code {
        _ = try await shelf.archive.append(message, to: shelf.other, of: try shelf.user("Bineta"))
      }
      #expect(foreign == .idTaken)
      let none = try await shelf.archive.newestMessages(
        in: shelf.other, of: try shelf.user("Bineta"), limit: 5)
      #expect(none.isEmpty)
    },
    Rule("T3 The order of a thread is the order of appending, whatever the clocks say") { shelf in
      let messages = [0, -5000, 10_000, 0, 0].enumerated().map { index, offset in
        shelf.message("\(index)", at: Shelf.start + .milliseconds(offset))
      }
      for message in messages {
        _ = try await shelf.archive.append(message, to: shelf.thread, of: try shelf.user())
      }
      let read = try await shelf.archive.newestMessages(
        in: shelf.thread, of: try shelf.user(), limit: 10)
      #expect(read.map(\.content) == ["0", "1", "2", "3", "4"])
    },
    Rule("T3 Simultaneous appends to one thread have one order, and each knows the one before") {
      shelf in
      let user = try shelf.user()
      let messages = (0..<40).map { shelf.message("\($0)") }
      let previous = try await withThrowingTaskGroup(of: (MessageID, MessageID?).self) { group in
        for message in messages {
          group.addTask {
            let receipt = try await shelf.archive.append(message, to: shelf.thread, of: user)
            return (message.id, receipt.previous)
          }
        }
        return try await group.reduce(into: [MessageID: MessageID?]()) { $0[$1.0] = $1.1 }
      }
      let read = try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 100)
      #expect(Set(read.map(\.id)) == Set(messages.map(\.id)))
      var before: MessageID?
      for message in read {
        #expect(previous[message.id] == .some(before))
        before = message.id
      }
    },
    Rule("T4 A receipt names the message before, in this thread alone") { shelf in
      let first = try await shelf.say(["un"])[0]
      try await shelf.say(["ailleurs"], in: shelf.other)
      let receipt = try await shelf.archive.append(
        shelf.message("deux"), to: shelf.thread, of: try shelf.user())
      #expect(receipt == AppendReceipt(previous: first.id, isNew: true))
    },
    Rule("P6 The newest messages come oldest first, and the count goes up to the one named") {
      shelf in
      let user = try shelf.user()
      let messages = try await shelf.say((1...7).map(String.init))
      let newest = try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 3)
      #expect(newest.map(\.content) == ["5", "6", "7"])
      for (index, message) in messages.enumerated() {
        let count = try await shelf.archive.messageCount(
          in: shelf.thread, of: user, through: message.id)
        #expect(count == index + 1)
      }
    },
  ]
}
