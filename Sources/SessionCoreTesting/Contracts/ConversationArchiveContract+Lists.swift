import SessionCore
import Testing

extension ConversationArchiveContract {
  static let listRules: [Rule] = [
    Rule("A2 Threads are listed by last activity, newest first, whatever the size of a page") {
      shelf in
      let user = try shelf.user()
      var random = RepeatableRandom(seed: 7)
      var expected: [ConversationID] = []
      for second in 0..<9 {
        let thread = random.conversationID()
        expected.insert(thread, at: 0)
        let message = shelf.message("fil \(second)", at: Shelf.start + .seconds(second))
        _ = try await shelf.archive.append(message, to: thread, of: user)
      }
      let woken = expected.remove(at: 4)
      expected.insert(woken, at: 0)
      _ = try await shelf.archive.append(
        shelf.message("encore", at: Shelf.start + .seconds(60)), to: woken, of: user)
      for limit in [1, 2, 3, 9, 100] {
        let listed = try await shelf.all(limit: limit) {
          try await shelf.archive.threads(of: user, page: $0)
        }
        #expect(listed.map(\.id) == expected, "pages of \(limit)")
      }
    },
    Rule("A2 Threads of one instant are each listed once") { shelf in
      let user = try shelf.user()
      for _ in 0..<7 {
        _ = try await shelf.archive.append(shelf.message(), to: .generate(), of: user)
      }
      let listed = try await shelf.all(limit: 2) {
        try await shelf.archive.threads(of: user, page: $0)
      }
      #expect(Set(listed.map(\.id)).count == 7)
      #expect(listed.count == 7)
    },
    Rule("A2 A thread that is added or removed between pages disturbs no other") { shelf in
      let user = try shelf.user()
      var ids: [ConversationID] = []
      for second in 0..<6 {
        let thread = ConversationID.generate()
        ids.insert(thread, at: 0)
        _ = try await shelf.archive.append(
          shelf.message(at: Shelf.start + .seconds(second)), to: thread, of: user)
      }
      let first = try await shelf.archive.threads(of: user, page: PageRequest(limit: 3))
      #expect(first.elements.map(\.id) == Array(ids[..<3]))
      _ = try await shelf.archive.append(
        shelf.message(at: Shelf.start + .seconds(99)), to: .generate(), of: user)
      _ = try await shelf.archive.delete(ids[2], of: user)
      let second = try await shelf.archive.threads(
        of: user, page: PageRequest(after: first.next, limit: 3))
      #expect(second.elements.map(\.id) == Array(ids[3...]))
      #expect(second.next == nil)
    },
    Rule("A2 A line tells the name, the times and the count") { shelf in
      let user = try shelf.user()
      let last = Shelf.start + .seconds(5)
      for message in [shelf.message("  Bonjour  \nà tous"), shelf.message("ensuite", at: last)] {
        _ = try await shelf.archive.append(message, to: shelf.thread, of: user)
      }
      let line = ThreadSummary(
        id: shelf.thread, name: "Bonjour", createdAt: Shelf.start, lastActivity: last,
        messageCount: 2)
      #expect(try await shelf.archive.threads(of: user, page: .init()).elements == [line])
      #expect(try await shelf.archive.thread(shelf.thread, of: user) == line)
    },
    Rule("A2 A cursor that is not of the list is refused") { shelf in
      try await shelf.say(["un"])
      let user = try shelf.user()
      for text in ["", "x", "1", "1_2", "' or 1=1 --", "999999999999999999999999_", "-1"] {
        let page = PageRequest(after: PageCursor(text))
        let threads = await shelf.code {
          _ = try await shelf.archive.threads(of: user, page: page)
        }
        #expect(threads == .invalidCursor, "threads after \(text)")
      }
      for text in ["", "x", "1_2", "' or 1=1 --", "99999999999999999999999", "-1"] {
        let messages = await shelf.code {
          _ = try await shelf.archive.messages(
            in: shelf.thread, of: user, page: PageRequest(after: PageCursor(text)))
        }
        #expect(messages == .invalidCursor, "messages after \(text)")
      }
    },
    Rule("T3 The messages of a thread are paged in order, whatever the size of a page") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.say((1...8).map(String.init))
      for limit in [1, 3, 8, 100] {
        let read = try await shelf.all(limit: limit) {
          try await shelf.archive.messages(in: shelf.thread, of: user, page: $0)
        }
        #expect(read == messages, "pages of \(limit)")
      }
    },
  ]
}
