import MySQLKit
import SessionCore
import TestSupport
import Testing

/// Counts, not times: a call that takes a statement more fails here, on any machine.
@Suite("Statements", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct StatementCountTests {
  @Test("An append is one commit and at most five statements; what reads is one statement")
  func statements() async throws {
    // One connection, so that the counts of its session are the counts of all.
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let thread = ConversationID.generate()
      @Sendable func append() async throws {
        let message = Message(id: .generate(), role: .user, content: "Bonjour", createdAt: .now())
        _ = try await archive.append(message, to: thread, of: user)
      }
      for _ in 1...2 { try await append() }

      let appending = try await Counts.of(append, on: database.client)
      #expect(appending.commits == 1)
      #expect(appending.statements <= 5)

      let calls: [(String, @Sendable () async throws -> Void)] = [
        ("newest", { _ = try await archive.newestMessages(in: thread, of: user, limit: 50) }),
        ("messages", { _ = try await archive.messages(in: thread, of: user, page: .init()) }),
        ("threads", { _ = try await archive.threads(of: user, page: .init()) }),
        ("thread", { _ = try await archive.thread(thread, of: user) }),
      ]
      for (name, call) in calls {
        let counts = try await Counts.of(call, on: database.client)
        #expect(counts.statements == 1, "\(name)")
        #expect(counts.commits == 0, "\(name)")
      }
    }
  }
}

/// What the server has done for one connection.
private struct Counts {
  var statements = 0
  var commits = 0

  static func of(
    _ body: @Sendable () async throws -> Void, on client: MySQLClient
  ) async throws -> Counts {
    let before = try await read(client)
    try await body()
    let after = try await read(client)
    // Reading the counts is a statement itself.
    return Counts(
      statements: after.statements - before.statements - 1,
      commits: after.commits - before.commits)
  }

  private static func read(_ client: MySQLClient) async throws -> Counts {
    var counts = Counts()
    let rows = try await client.query(
      "SHOW SESSION STATUS WHERE Variable_name IN ('Questions', 'Com_commit')")
    for row in rows {
      let value = Int(try row.text(1)) ?? 0
      if try row.text(0) == "Questions" {
        counts.statements = value
      } else {
        counts.commits = value
      }
    }
    return counts
  }
}
