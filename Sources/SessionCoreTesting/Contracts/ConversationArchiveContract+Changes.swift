import SessionCore
import Testing

extension ConversationArchiveContract {
  static let changeRules: [Rule] = [
    Rule("A thread is named after its first user message, and renaming lasts") { shelf in
      let user = try shelf.user()
      _ = try await shelf.archive.append(
        shelf.message("consigne", role: .system), to: shelf.thread, of: user)
      #expect(try await shelf.archive.thread(shelf.thread, of: user).name == nil)
      try await shelf.say(["Première question", "Deuxième"])
      #expect(try await shelf.archive.thread(shelf.thread, of: user).name == "Première question")
      try await shelf.archive.rename(shelf.thread, of: user, to: "  Ma thèse 🇫🇷 ")
      try await shelf.say(["Troisième"])
      #expect(try await shelf.archive.thread(shelf.thread, of: user).name == "Ma thèse 🇫🇷")
    },
    Rule("A name that is empty or too long is refused, and the old one stays") { shelf in
      let user = try shelf.user()
      try await shelf.say(["Nom"])
      let long = String(repeating: "é", count: ThreadName.characterCountMax)
      try await shelf.archive.rename(shelf.thread, of: user, to: long)
      let tooLong = await shelf.code {
        try await shelf.archive.rename(shelf.thread, of: user, to: long + "é")
      }
      #expect(tooLong == .tooLarge)
      for name in ["", " \n"] {
        let empty = await shelf.code {
          try await shelf.archive.rename(shelf.thread, of: user, to: name)
        }
        #expect(empty == .refused)
      }
      #expect(try await shelf.archive.thread(shelf.thread, of: user).name == long)
    },
    Rule("A thread named after a long text is cut at a character, with a mark") { shelf in
      let user = try shelf.user()
      try await shelf.say([String(repeating: "👩‍👩‍👧", count: 100)])
      let name = try await shelf.archive.thread(shelf.thread, of: user).name ?? ""
      #expect(name == String(repeating: "👩‍👩‍👧", count: 50) + "…")
    },
    Rule("A4 A deleted thread is gone with all its messages, and nothing else is") { shelf in
      let user = try shelf.user()
      let gone = try await shelf.say(["un", "deux"])
      let kept = try await shelf.say(["trois"], in: shelf.other)
      let counts = try await shelf.archive.delete(shelf.thread, of: user)
      #expect(counts == DeletionCounts(threads: 1, steps: 2, elements: 0, feedbacks: 0))
      #expect(
        try await shelf.archive.newestMessages(in: shelf.thread, of: user, limit: 9).isEmpty)
      #expect(try await shelf.archive.newestMessages(in: shelf.other, of: user, limit: 9) == kept)
      #expect(
        try await shelf.archive.threads(of: user, page: .init()).elements.map(\.id)
          == [shelf.other])
      let receipt = try await shelf.archive.append(gone[0], to: shelf.other, of: user)
      #expect(receipt.isNew, "a deleted message's name is free again")
    },
    Rule("A deleted thread's name can begin anew, for anybody") { shelf in
      try await shelf.say(["un"])
      _ = try await shelf.archive.delete(shelf.thread, of: try shelf.user())
      let receipt = try await shelf.archive.append(
        shelf.message(), to: shelf.thread, of: try shelf.user("Bineta"))
      #expect(receipt == AppendReceipt(previous: nil, isNew: true))
    },
  ]
}
