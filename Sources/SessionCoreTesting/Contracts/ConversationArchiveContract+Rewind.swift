import SessionCore
import Testing

extension ConversationArchiveContract {
  static let rewindRules: [Rule] = [
    Rule("What was said after a rewind's message is no longer part of the conversation") { shelf in
      let user = try shelf.user()
      let archive = shelf.archive
      let messages = try await shelf.talk(5)
      let before = try await archive.thread(shelf.thread, of: user)
      #expect(try await archive.rewind(shelf.thread, of: user, to: messages[1].id) == 3)
      let kept = Array(messages[...1])
      #expect(try await archive.newestMessages(in: shelf.thread, of: user, limit: 9) == kept)
      #expect(try await archive.newestMessages(in: shelf.thread, of: user, limit: 1) == [kept[1]])
      let listed = try await shelf.all(limit: 1) {
        try await archive.messages(in: shelf.thread, of: user, page: $0)
      }
      #expect(listed == kept)
      for (index, message) in messages.enumerated() {
        let count = try await archive.messageCount(
          in: shelf.thread, of: user, through: message.id)
        #expect(count == (index <= 1 ? index + 1 : 0))
      }
      let after = try await archive.thread(shelf.thread, of: user)
      #expect(
        after
          == ThreadSummary(
            id: before.id, name: before.name, createdAt: before.createdAt,
            lastActivity: before.lastActivity, messageCount: 2))
      #expect(try await archive.threads(of: user, page: .init()).elements == [after])
    },
    Rule("What was rewound is never erased, and is listed apart") { shelf in
      let user = try shelf.user()
      let archive = shelf.archive
      let messages = try await shelf.talk(4)
      _ = try await archive.rewind(shelf.thread, of: user, to: messages[1].id)
      let next = try await shelf.say(["autrement"])
      _ = try await archive.rewind(shelf.thread, of: user, to: messages[0].id)
      for limit in [1, 2, 100] {
        let rewound = try await shelf.all(limit: limit) {
          try await archive.rewoundMessages(in: shelf.thread, of: user, page: $0)
        }
        #expect(rewound == messages[1...] + next, "pages of \(limit)")
      }
      for message in messages + next {
        #expect(
          try await archive.message(message.id, in: shelf.thread, of: user) == message)
      }
      #expect(try await archive.delete(shelf.thread, of: user).steps == 5)
    },
    Rule("T4 What is said after a rewind follows the message that was rewound to") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(4)
      _ = try await shelf.archive.rewind(shelf.thread, of: user, to: messages[1].id)
      let next = shelf.message("autrement")
      let receipt = try await shelf.archive.append(next, to: shelf.thread, of: user)
      #expect(receipt == AppendReceipt(previous: messages[1].id, isNew: true))
      #expect(
        try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 9)
          == messages[...1] + [next])
      #expect(
        try await shelf.archive.messageCount(
          in: shelf.thread, of: user, through: next.id) == 3)
    },
    Rule("T2 A rewound message that is written again stays rewound") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(4)
      _ = try await shelf.archive.rewind(shelf.thread, of: user, to: messages[1].id)
      let next = try await shelf.say(["autrement"])
      for message in messages[2...] {
        let receipt = try await shelf.archive.append(message, to: shelf.thread, of: user)
        #expect(
          receipt == AppendReceipt(previous: messages[1].id, isNew: false, isRewound: true))
      }
      #expect(
        try await shelf.archive.append(next[0], to: shelf.thread, of: user)
          == AppendReceipt(previous: messages[1].id, isNew: false))
      #expect(
        try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 9)
          == messages[...1] + next)
    },
    Rule("T2 A rewind that is done again marks nothing") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(3)
      for marked in [2, 0] {
        let count = try await shelf.archive.rewind(
          shelf.thread, of: user, to: messages[0].id)
        #expect(count == marked)
      }
      #expect(
        try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 9)
          == [messages[0]])
    },
    Rule("A rewind to a message that the thread does not hold changes nothing") { shelf in
      let user = try shelf.user()
      let messages = try await shelf.talk(3)
      let elsewhere = try await shelf.say(["ailleurs"], in: shelf.other)
      _ = try await shelf.archive.rewind(shelf.thread, of: user, to: messages[1].id)
      for id in [MessageID.generate(), elsewhere[0].id, messages[2].id] {
        let code = await shelf.code {
          _ = try await shelf.archive.rewind(shelf.thread, of: user, to: id)
        }
        #expect(code == .notFound)
      }
      #expect(
        try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 9)
          == Array(messages[...1]))
    },
    Rule("A2 The list of rewound messages refuses a cursor that is not of it") { shelf in
      try await shelf.talk(1)
      for text in ["", "x", "1_2", "' or 1=1 --", "99999999999999999999999", "-1"] {
        let code = await shelf.code {
          _ = try await shelf.archive.rewoundMessages(
            in: shelf.thread, of: try shelf.user(), page: PageRequest(after: PageCursor(text)))
        }
        #expect(code == .invalidCursor, "after \(text)")
      }
    },
  ]
}
