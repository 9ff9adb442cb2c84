import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("A shared connection", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct SharedConnectionTests {
  private static let procedures = [
    "CREATE PROCEDURE two(a INT) BEGIN SELECT a AS n; SELECT a + 1 AS m, 'x' AS s; END",
    """
    CREATE PROCEDURE three(a INT) BEGIN
      SELECT a AS n; SELECT a + 1 AS n UNION SELECT a + 2; UPDATE t SET n = n WHERE id = 1;
      SELECT 'end' AS s;
    END
    """,
    "CREATE PROCEDURE none() BEGIN UPDATE t SET n = n + 1; END",
    "CREATE PROCEDURE outs(a INT, OUT b INT, INOUT c INT) BEGIN SELECT a; SET b = a, c = c + a; END",
    "CREATE PROCEDURE broken() BEGIN SELECT 1; SELECT 2; INSERT INTO t VALUES (1, 1); SELECT 3; END",
  ]

  private func with(_ body: (TestDatabase) async throws -> Void) async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      try await database.client.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT)")
      try await database.client.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
      for sql in Self.procedures { try await database.client.execute(sql) }
      try await body(database)
    }
  }

  @Test("gives every result of a procedure, its OUT parameters and what it counted")
  func call() async throws {
    try await with { database in
      let two = try await database.client.call("CALL two(?)", 5)
      #expect(two.results.map(\.columns) == [["n"], ["m", "s"]])
      #expect(try two.results[1].decode((Int, String).self)[0] == (6, "x"))
      #expect(two.outParameters == nil)

      let three = try await database.client.call("CALL three(1)")
      #expect(three.results.map(\.count) == [1, 2, 1])

      let outs = try await database.client.call("CALL outs(?, ?, ?)", 5, Int?.none, 7)
      #expect(outs.results.count == 1)
      #expect(try outs.outParameters?.decode((Int, Int).self) ?? (0, 0) == (5, 12))

      let none = try await database.client.call("CALL none()")
      #expect(none.results.isEmpty)
      #expect(none.outcome.affectedRowCount == 2)
      // The first result is what the simple calls give.
      #expect(try await database.client.query("CALL two(8)")[0]["n", as: Int.self] == 8)
      #expect(try await database.answers())
    }
  }

  @Test("is in step again after a procedure that fails between its results")
  func failingCall() async throws {
    try await with { database in
      for _ in 1...3 {
        let error = await #expect(throws: MySQLError.self) {
          try await database.client.call("CALL broken()")
        }
        #expect(error?.code == .duplicateKey)
        let answers = try await database.answers()
        #expect(answers)
      }
    }
  }

  @Test(
    "is as new after a job, whatever that left in the session",
    arguments: [
      ["SET @left = 5"], ["SET SESSION sql_mode = ''"], ["SET time_zone = '+05:00'"],
      ["SELECT 5 INTO @left"], ["SELECT @left := 5"], ["USE information_schema"],
      ["SET autocommit = 0", "UPDATE t SET n = 9"], ["START TRANSACTION", "UPDATE t SET n = 9"],
      ["BEGIN", "UPDATE t SET n = 9"], ["LOCK TABLES t WRITE"], ["LOCK TABLES t READ"],
      ["SELECT GET_LOCK(CONCAT('left', DATABASE()), 0)"],
      ["/* a comment */ set @left = 5"], ["/*!40000 SET @left = 5 */"],
      ["CREATE TEMPORARY TABLE u AS SELECT 5 AS n"],
      ["create or replace temporary table u (n int)"],
      ["SET SESSION TRANSACTION READ ONLY"],
      ["SET SESSION TRANSACTION ISOLATION LEVEL SERIALIZABLE"],
      ["SET NAMES latin1"], ["SET SESSION max_statement_time = 1"], ["CALL leave_all()"],
    ])
  func leftovers(statements: [String]) async throws {
    try await with { database in
      let client = database.client
      try await client.execute("CREATE TABLE u (n VARCHAR(20))")
      try await client.execute(
        """
        CREATE PROCEDURE leave_all() BEGIN
          SET @left = 5, SESSION sql_mode = ''; DO GET_LOCK(CONCAT('left', DATABASE()), 0);
          CREATE TEMPORARY TABLE u (n INT); START TRANSACTION; UPDATE t SET n = 9;
        END
        """)
      let session = """
        SELECT DATABASE(), @left, @@sql_mode, @@time_zone, @@autocommit, @@character_set_client,
          IS_USED_LOCK(CONCAT('left', DATABASE())), @@transaction_isolation, @@max_allowed_packet,
          (SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = DATABASE())
        """.replacing("@@transaction_isolation", with: try await isolationVariable(client))
      let before = try await client.query(session)[0]
      try await client.withConnection { connection in
        for statement in statements { _ = try connection.execute(statement) }
      }
      let after = try await client.query(session)[0]
      #expect(
        try before.columns.indices.map { try before.value($0) == after.value($0) }
          .allSatisfy(\.self))
      #expect(try await client.query("SELECT SUM(n) = 0 FROM t")[0][0, as: Bool.self])
      try await client.execute("INSERT INTO u VALUES ('text')")
      #expect(client.statistics.resetCount + client.statistics.lostConnectionCount > 0)
      // Others are not held up either.
      _ = try await database.onServer { server in
        try await server.execute("UPDATE \(database.name).t SET n = 1", timeout: .seconds(5))
      }
    }
  }

  private func isolationVariable(_ client: MySQLClient) async throws -> String {
    let found = try await client.query("SHOW VARIABLES LIKE 'transaction_isolation'")
    return found.isEmpty ? "@@tx_isolation" : "@@transaction_isolation"
  }

  @Test(
    "that breaks while a job holds a lock is not replaced unseen, and the lock not taken for held")
  func lostLock() async throws {
    try await with { database in
      let task = Task {
        try await database.client.withConnection { connection in
          _ = try connection.query("SELECT GET_LOCK(DATABASE(), 0)")
          _ = try? connection.query(TestDatabase.longStatement)
          return try connection.query("SELECT 1").count
        }
      }
      try await database.kill(try await database.waitForStatement(TestDatabase.longStatement))
      let error = await #expect(throws: MySQLError.self) { try await task.value }
      #expect(error?.code == .connectionLost)
      let answers = try await database.answers()
      #expect(answers)
    }
  }

  @Test("keeps its prepared statements and its session while jobs leave nothing")
  func nothingLeft() async throws {
    try await with { database in
      let client = database.client
      let number = try await client.query("SELECT CONNECTION_ID()")[0].integer(0)
      _ = try await client.query("SELECT 1 AS get_lock_count, 'SET' FROM t FOR UPDATE")
      _ = try await client.query("(SELECT 1)")
      _ = try await client.query("-- a comment\nSELECT 1")
      _ = try await client.query("WITH x AS (SELECT 1) SELECT * FROM x")
      try await client.transaction { try $0.execute("UPDATE t SET n = 1") }
      await #expect(throws: MySQLError.self) { try await client.query("SELECT * FROM missing") }
      #expect(try await client.query("SELECT CONNECTION_ID()")[0].integer(0) == number)
      #expect(client.statistics.lostConnectionCount == 0)
    }
  }

  @Test("of 200 jobs at once, procedures, failures and appends, shows nobody another's trouble")
  func manyJobs() async throws {
    try await with { database in
      var configuration = database.configuration
      configuration.connectionCountMax = 6
      configuration.schema = .besideOthers
      let client = MySQLClient(configuration)
      let archive = MySQLArchive(client: client)
      try await archive.prepare()
      let user = try UserID("Awa")
      let thread = ConversationID.generate()
      try await withThrowingTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          group.addTask {
            switch number % 3 {
            case 0: try await Self.callProcedure(number, client)
            case 1: await Self.fail(number, client)
            default:
              let message = Message(
                id: .generate(), role: .user, content: "\(number)", createdAt: .now())
              _ = try await archive.append(message, to: thread, of: user)
            }
          }
        }
        try await group.waitForAll()
      }
      let messages = try await archive.newestMessages(in: thread, of: user, limit: 200)
      #expect(
        Set(messages.map(\.content)) == Set((0..<200).filter { $0 % 3 == 2 }.map { "\($0)" }))
      #expect(messages.count == 66)
      await client.close()
    }
  }

  private static func callProcedure(_ number: Int, _ client: MySQLClient) async throws {
    if number.isMultiple(of: 2) {
      let two = try await client.call("CALL two(?)", number)
      #expect(two.results.count == 2)
      #expect(try two.results[1][0]["m", as: Int.self] == number + 1)
    } else {
      let three = try await client.call("CALL three(?)", number)
      #expect(three.results.map(\.count) == [1, 2, 1])
      #expect(try three.results[0][0]["n", as: Int.self] == number)
    }
  }

  private static func fail(_ number: Int, _ client: MySQLClient) async {
    let statements = [
      ("SELECT * FROM missing", UInt32(1146)), ("INSERT INTO t VALUES (1, 1)", 1062),
      ("CALL broken()", 1062), ("SELECT 1, (SELECT 1 UNION SELECT 2)", 1242), ("SELEC", 1064),
      ("SELECT 1 FROM t WHERE n = (SELECT n FROM t)", 1242),
    ]
    let (sql, errno) = statements[number % statements.count]
    let error = await #expect(throws: MySQLError.self) { try await client.execute(sql) }
    #expect(error?.errno == errno)
  }
}

extension TestDatabase {
  /// Whether a connection of the pool gives the answer to what it is asked.
  func answers() async throws -> Bool {
    let number = Int.random(in: 1...1_000_000)
    return try await client.query("SELECT ?", number)[0][0, as: Int.self] == number
  }
}
