import SessionCore
import Testing

extension ConversationArchiveContract {
  static let ownerRules: [Rule] = [
    Rule("A1 Another user's thread answers exactly as a missing one") { shelf in
      let message = try await shelf.say(["secret"], as: "Awa")[0]
      let missing = ConversationID.generate()
      for name in ["awa", "Bineta"] {
        let user = try shelf.user(name)
        for thread in [shelf.thread, missing] {
          let archive = shelf.archive
          #expect(try await archive.newestMessages(in: thread, of: user, limit: 5).isEmpty)
          #expect(try await archive.messageCount(in: thread, of: user, through: message.id) == 0)
          #expect(try await archive.message(message.id, in: thread, of: user) == nil)
        }
        #expect(
          await shelf.code {
            _ = try await shelf.archive.append(shelf.message(), to: shelf.thread, of: user)
          } == .notFound)
      }
      let kept = try await shelf.archive.newestMessages(
        in: shelf.thread, of: try shelf.user("Awa"), limit: 5)
      #expect(kept == [message])
    },
    Rule("A1 Users are told apart to the byte") { shelf in
      let names = ["rené", "rene", "René", "rene\u{301}", "a{b}", "a:b", "a\tb", "%", "_", "🇫🇷"]
      for name in names {
        let thread = ConversationID.generate()
        let said = try await shelf.say([name], in: thread, as: name)
        for reader in names {
          let read = try await shelf.archive.newestMessages(
            in: thread, of: try shelf.user(reader), limit: 5)
          #expect(read == (Array(reader.utf8) == Array(name.utf8) ? said : []))
        }
      }
    },
  ]

  static let strangerRules: [Rule] = [
    Rule("A1 Another user's thread is missing in lists, and for changes") { shelf in
      let message = try await shelf.say(["secret"], as: "Awa")[0]
      let missing = ConversationID.generate()
      for name in ["awa", "Bineta"] {
        let user = try shelf.user(name)
        for thread in [shelf.thread, missing] {
          let archive = shelf.archive
          #expect(
            await shelf.code { _ = try await archive.thread(thread, of: user) } == .notFound)
          #expect(
            await shelf.code {
              _ = try await archive.messages(in: thread, of: user, page: .init())
            } == .notFound)
          #expect(
            await shelf.code { try await archive.rename(thread, of: user, to: "à moi") }
              == .notFound)
          #expect(
            await shelf.code {
              _ = try await archive.fork(
                thread, of: user, through: message.id, into: .generate())
            } == .notFound)
          #expect(
            await shelf.code { _ = try await archive.rewind(thread, of: user, to: message.id) }
              == .notFound)
          #expect(
            await shelf.code {
              _ = try await archive.rewoundMessages(in: thread, of: user, page: .init())
            } == .notFound)
          #expect(
            await shelf.code { _ = try await archive.delete(thread, of: user) } == .notFound)
        }
        #expect(try await shelf.archive.threads(of: user, page: .init()).elements.isEmpty)
      }
      #expect(try await shelf.archive.thread(shelf.thread, of: shelf.user("Awa")).messageCount == 1)
    },
    Rule("A1 Users are told apart to the byte in lists") { shelf in
      let names = ["rené", "rene", "René", "rene\u{301}", "a{b}", "a:b", "a\tb", "%", "_", "🇫🇷"]
      for name in names {
        try await shelf.say([name], in: .generate(), as: name)
      }
      for name in names {
        let page = try await shelf.archive.threads(of: try shelf.user(name), page: .init())
        #expect(page.elements.map { Array(($0.name ?? "").utf8) } == [Array(name.utf8)])
      }
    },
  ]
}
