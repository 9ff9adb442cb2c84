import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("Broken rows of the archive", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct BrokenRowTests {
  private let thread = ConversationID.generate()

  private func message(_ text: String, _ role: Role = .user) -> Message {
    Message(
      id: .generate(), role: role, content: text, createdAt: Timestamp(milliseconds: 1_795_390_000))
  }

  @Test("A6 Rows whose JSON is none are read, searched and added to, with their texts whole")
  func invalidJSON() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      try await archive.prepare()
      let user = try UserID("Awa")
      var messages = [message("Bonjour baobab"), message("Salut")]
      for message in messages { _ = try await archive.append(message, to: thread, of: user) }
      let columns = [
        "User.metadata", "Thread.metadata", "Thread.tags", "Step.metadata", "Step.tags",
        "Step.generation", "Step.feedback",
      ].map { $0.split(separator: ".") }
      // As the original's columns are: plain texts, which nobody checks.
      for column in columns {
        try await database.client.execute("ALTER TABLE \(column[0]) MODIFY \(column[1]) LONGTEXT")
      }
      let texts = [
        "", "none", "{", "[1,2", "{\"state\":", "{\"state\":\"\\u12\"}", "\u{0}", "null", "\"é",
      ]
      for text in texts {
        for column in columns {
          try await database.client.execute(
            "UPDATE \(column[0]) SET \(column[1]) = ?", [.text(text)])
        }
        let read = try await archive.newestMessages(in: thread, of: user, limit: 99)
        #expect(read.map(\.id) == messages.map(\.id), "\(text)")
        #expect(read.map(\.content) == messages.map(\.content), "\(text)")
        let threads = try await archive.threads(of: user, page: .init()).elements
        #expect(threads.map(\.id) == [thread], "\(text)")
        let found = try await archive.search("baobab", of: user, page: .init()).elements
        #expect(found.map(\.thread.id) == [thread], "\(text)")
        let next = message("Et toi ?")
        let receipt = try await archive.append(next, to: thread, of: user)
        #expect(receipt.previous == messages.last?.id, "\(text)")
        messages.append(next)
      }
    }
  }

  @Test("A6 A row whose id is no UUID is no message, and those around it are read")
  func brokenIDs() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let messages = [message("Bonjour"), message("Salut", .assistant)]
      _ = try await archive.append(messages[0], to: thread, of: user)
      for id in ["", "é", String(repeating: "x", count: 36), "\(UUIDText.make().dropLast())é"] {
        try await database.client.execute(
          "INSERT INTO Step (id, threadId, type, output) VALUES (?, ?, 'user_message', 'x')",
          [.text(id), .text(thread.description)])
      }
      _ = try await archive.append(messages[1], to: thread, of: user)
      #expect(try await archive.newestMessages(in: thread, of: user, limit: 9) == messages)
      var page = try await archive.messages(in: thread, of: user, page: PageRequest(limit: 4))
      #expect(page.elements == [messages[0]])
      page = try await archive.messages(
        in: thread, of: user, page: PageRequest(after: page.next, limit: 4))
      #expect(page.elements == [messages[1]] && page.next == nil)
    }
  }
}
