import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("The read path", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct ReadPathTests {
  private typealias Statement = (sql: String, values: [MySQLValue])

  /// 100 users with 20 threads of 20 steps each, judged here and there.
  private static let fill = [
    """
    INSERT INTO User (id, identifier) WITH RECURSIVE n (i) AS
      (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 99)
    SELECT CONCAT('00000000-0000-4000-8000-', LPAD(i, 12, '0')), CONCAT('user', i) FROM n
    """,
    """
    INSERT INTO Thread (id, name, userId, userIdentifier, createdAt, updatedAt)
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19)
    SELECT CONCAT('00000000-0000-4000-', LPAD(n.i + 1000, 4, '0'), RIGHT(u.id, 13)), 'fil', u.id,
      u.identifier, '2026-01-01' + INTERVAL n.i MINUTE, '2026-01-01' + INTERVAL n.i HOUR
    FROM User u JOIN n
    """,
    """
    INSERT INTO Step (id, threadId, name, type, output, createdAt)
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i < 19)
    SELECT CONCAT(LPAD(n.i, 8, '0'), RIGHT(t.id, 28)), t.id, 'x',
      IF(n.i % 2, 'assistant_message', 'user_message'), CONCAT('mot', n.i, ' baobab'),
      t.createdAt + INTERVAL n.i SECOND
    FROM Thread t JOIN n
    """,
    """
    INSERT INTO Feedback (id, stepId, value) SELECT s.id, s.id, s.position % 2 FROM Step s
    WHERE s.position % 37 = 0
    """,
    "ANALYZE TABLE User, Thread, Step, Feedback",
  ]

  /// The indexes by which a user's texts are found.
  private static let searchKeys: Set = [
    "", "PRIMARY", "Thread_identifier_activity", "Step_thread_order", "Step_position",
    "User_identifier",
  ]

  /// The statements that `body` runs.
  private func statements(
    _ log: Locked<[Statement]>, _ body: () async throws -> Void
  ) async throws -> [Statement] {
    log.withLock { $0 = [] }
    try await body()
    return log.withLock(\.self)
  }

  @Test("runs one statement for a page or a window, and reads from the indexes meant for it")
  func explain() async throws {
    try await TestDatabase.with { database in
      let log = Locked<[Statement]>([])
      let client = MySQLClient(database.configuration) { sql, values in
        log.withLock { $0.append((sql, values)) }
      }
      let archive = MySQLArchive(client: client)
      try await archive.prepare()
      for statement in Self.fill { try await database.client.execute(statement) }
      let user = try UserID("user7")
      let page = try await archive.threads(of: user, page: PageRequest(limit: 5))
      let thread = try #require(page.elements.first?.id)
      let messages = try await archive.messages(in: thread, of: user, page: PageRequest(limit: 5))
      let id = try #require(messages.elements.last?.id)
      let (next, more) = (page.next, messages.next)

      let reads: [(String, Set<String>, () async throws -> Void)] = [
        (
          "page of threads", ["Thread_identifier_activity", "Step_thread_order"],
          { _ = try await archive.threads(of: user, page: PageRequest(after: next, limit: 5)) }
        ),
        (
          "threads by judgement",
          ["Thread_identifier_activity", "Step_thread_order", "Feedback_step_name"],
          {
            _ = try await archive.threads(
              of: user, matching: ThreadFilter(feedback: .up), page: PageRequest(limit: 5))
          }
        ),
        ("thread", ["PRIMARY"], { _ = try await archive.thread(thread, of: user) }),
        (
          "window", ["PRIMARY", "Step_thread_order"],
          { _ = try await archive.newestMessages(in: thread, of: user, limit: 50) }
        ),
        (
          "page of messages", ["PRIMARY", "Step_thread_order"],
          {
            _ = try await archive.messages(
              in: thread, of: user, page: PageRequest(after: more, limit: 5))
          }
        ),
        ("message", ["PRIMARY"], { _ = try await archive.message(id, in: thread, of: user) }),
        (
          "count", ["PRIMARY", "Step_thread_order"],
          { _ = try await archive.messageCount(in: thread, of: user, through: id) }
        ),
        (
          "judgements", ["PRIMARY", "Step_thread_order", "Feedback_step_name"],
          { _ = try await archive.feedback(in: thread, of: user) }
        ),
        ("files", ["Element_thread"], { _ = try await archive.elements(in: thread, of: user) }),
      ]
      for (name, indexes, read) in reads {
        let run = try await statements(log, read)
        #expect(run.count == 1, "\(name)")
        let used = try await plan(of: run[0], database, name)
        #expect(used.isSuperset(of: indexes), "\(name) uses \(used)")
      }
      let search = try await statements(log) {
        _ = try await archive.search("baobab mot7", of: user, page: PageRequest())
      }
      // The threads with their names, where the texts are, twice 256 of them.
      #expect(search.count == 4)
      for statement in search {
        let used = try await plan(of: statement, database, "search")
        #expect(used.isSubset(of: Self.searchKeys), "search uses \(used)")
      }
      let large = MySQLArchive(client: client, searchReadCountMax: 0)
      let indexed = try await statements(log) {
        _ = try await large.search("baobab mot7", of: user, page: PageRequest())
      }
      for statement in indexed where statement.sql.contains("MATCH") {
        let used = try await plan(of: statement, database, "search")
        #expect(used.contains { $0.hasSuffix("_text") }, "search uses \(used)")
      }
      await client.close()
    }
  }

  /// The indexes that a statement reads from. No table may be read from end to end, and none
  /// sorted but the few rows of a page.
  private func plan(
    of statement: Statement, _ database: TestDatabase, _ name: String
  ) async throws -> Set<String> {
    // MySQL 9 draws a tree unless it is told otherwise.
    let plan = try await database.client.query(
      "EXPLAIN FORMAT=TRADITIONAL " + statement.sql, statement.values)
    var keys: Set<String> = []
    for row in plan {
      var key = ""
      if case .text(let name) = try row.value("key") { key = name }
      keys.insert(key)
      guard case .text(let table) = try row.value("table"),
        case .text(let type) = try row.value("type")
      else { continue }
      // What stands in brackets is a result of a part of the statement, no table.
      let isTable = !table.hasPrefix("<")
      #expect(!isTable || type != "ALL", "\(name) reads all of \(table)")
      // Threads that do not tell their owner themselves are few.
      let isFew = key == "Thread_user" || name == "files" || name == "search"
      if case .text(let extra) = try row.value("Extra"), isTable, !isFew {
        #expect(!extra.contains("filesort"), "\(name) sorts \(table)")
      }
    }
    return keys
  }
}
