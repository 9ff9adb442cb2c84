import SessionCore
import TestSupport
import Testing

@testable import MySQLKit

/// Counts, not times: a call that takes a statement more fails here, on any machine.
@Suite("Statements", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct StatementCountTests {
  private func add(
    to thread: ConversationID, of user: UserID, _ archive: MySQLArchive
  ) async throws {
    let message = Message(id: .generate(), role: .user, content: "Bonjour", createdAt: .now())
    _ = try await archive.append(message, to: thread, of: user)
  }

  @Test("An append is one commit, five statements and three round trips; a read is one statement")
  func statements() async throws {
    // One connection, so that the counts of its session are the counts of all.
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let archive = MySQLArchive(client: database.client)
      let (user, thread) = (try UserID("Awa"), ConversationID.generate())
      @Sendable func append() async throws { try await add(to: thread, of: user, archive) }
      for _ in 1...2 { try await append() }

      let appending = try await Counts.of(append, on: database.client)
      #expect(appending.commits == 1)
      // Lock, last step, thread, step, commit; and the session's mode, before and after, for
      // reading the counts needs another one.
      #expect(appending.statements == 7)
      #expect(appending.roundTrips == 3)

      let calls: [(String, @Sendable () async throws -> Void)] = [
        ("newest", { _ = try await archive.newestMessages(in: thread, of: user, limit: 50) }),
        ("messages", { _ = try await archive.messages(in: thread, of: user, page: .init()) }),
        ("threads", { _ = try await archive.threads(of: user, page: .init()) }),
        ("thread", { _ = try await archive.thread(thread, of: user) }),
      ]
      for (name, call) in calls {
        // The first time its statement is made ready.
        try await call()
        let counts = try await Counts.of(call, on: database.client)
        #expect(counts.statements == 1, "\(name)")
        #expect(counts.roundTrips == 1, "\(name)")
        #expect(counts.commits == 0, "\(name)")
      }
    }
  }

  @Test("A transaction begins with its first statement, and with a write only once it has begun")
  func beginnings() async throws {
    // A write that went out with the word that begins the transaction would be committed alone,
    // were that word refused.
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let client = database.client
      try await client.execute("CREATE TABLE t (n INT)")
      let beginnings: [(Int, @Sendable (MySQLConnection) throws -> Void)] = [
        (2, { _ = try $0.query("SELECT * FROM t") }),
        (3, { try $0.execute("INSERT INTO t VALUES (1)") }),
        (0, { _ in }),
      ]
      for (roundTrips, statement) in beginnings {
        @Sendable func transaction() async throws {
          try await client.transaction { try statement($0) }
        }
        try await transaction()
        #expect(try await Counts.of(transaction, on: client).roundTrips == roundTrips)
      }
    }
  }

  @Test("An append reads as many rows in a long conversation as in a short one")
  func rowsOfAnAppend() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let archive = MySQLArchive(client: database.client)
      let (user, thread) = (try UserID("Awa"), ConversationID.generate())
      @Sendable func append() async throws { try await add(to: thread, of: user, archive) }
      for _ in 1...5 { try await append() }
      let short = try await Counts.of(append, on: database.client)
      for _ in 1...200 { try await append() }
      let long = try await Counts.of(append, on: database.client)
      #expect(long.readRows == short.readRows)
      #expect(long.readRows < 20)
    }
  }
}

/// What the server has done for the only connection of a client.
private struct Counts {
  var statements = 0
  var commits = 0
  var readRows = 0
  var roundTrips = 0

  static func of(
    _ body: @Sendable () async throws -> Void, on client: MySQLClient
  ) async throws -> Counts {
    // The first reading may have to make its statement ready, and to set the session's mode.
    _ = try await read(client)
    let before = try await read(client)
    try await body()
    let after = try await read(client)
    let last = try await read(client)
    // What a reading does itself is in the difference, and is known from two that follow on each
    // other.
    return Counts(
      statements: 2 * after.statements - before.statements - last.statements,
      commits: after.commits - before.commits,
      readRows: 2 * after.readRows - before.readRows - last.readRows,
      roundTrips: 2 * after.roundTrips - before.roundTrips - last.roundTrips)
  }

  private static func read(_ client: MySQLClient) async throws -> Counts {
    try await client.withConnection { connection in
      let rows = try connection.query(
        """
        SHOW SESSION STATUS WHERE Variable_name IN ('Questions', 'Com_commit')
        OR Variable_name LIKE 'Handler\\_read%'
        """)
      var counts = Counts(roundTrips: connection.handle?.roundTripCount ?? 0)
      for row in rows {
        let value = Int(try row.text(1)) ?? 0
        switch try row.text(0) {
        case "Questions": counts.statements = value
        case "Com_commit": counts.commits = value
        default: counts.readRows += value
        }
      }
      return counts
    }
  }
}
