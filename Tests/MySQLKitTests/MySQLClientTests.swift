import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("The client", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLClientTests {
  @Test("keeps servers strict, in UTC, and texts whole")
  func sessionSettings() async throws {
    try await TestDatabase.with { database in
      let row = try await database.client.query(
        """
        SELECT @@sql_mode, @@time_zone, @@character_set_client, @@autocommit,
          @@character_set_results
        """)[0]
      let modes = try row.text(0).split(separator: ",")
      #expect(modes.contains("ONLY_FULL_GROUP_BY"))
      #expect(modes.contains("STRICT_TRANS_TABLES"))
      #expect(try row.text(1) == "+00:00")
      #expect(try row.text(2) == "utf8mb4")
      #expect(try row.integer(3) == 1)
      #expect(try row.text(4) == "utf8mb4")
    }
  }

  @Test("tells server errors apart, with number and state, and quotes nothing")
  func errors() async throws {
    try await TestDatabase.with { database in
      let client = database.client
      try await client.execute("CREATE TABLE t (id INT PRIMARY KEY, s VARCHAR(3), UNIQUE (s))")
      try await client.execute("INSERT INTO t VALUES (1, 'abc')")
      let table: [(String, MySQLError.Code, UInt32, String)] = [
        ("SELEC geheim", .refused, 1064, "42000"),
        ("INSERT INTO t VALUES (2, 'abc')", .duplicateKey, 1062, "23000"),
        ("SELECT * FROM missing", .refused, 1146, "42S02"),
        ("INSERT INTO t VALUES (3, 'geheim')", .refused, 1406, "22001"),
      ]
      for (sql, code, errno, state) in table {
        let error = await #expect(throws: MySQLError.self) { try await client.execute(sql) }
        #expect(error?.code == code)
        #expect(error?.errno == errno)
        #expect(error?.sqlState == state)
        #expect(error?.isRetryable == false)
        #expect(error?.mayHaveActed == false)
        #expect(error?.description.contains("geheim") == false)
        #expect(error?.description.contains("abc") == false)
      }
    }
  }

  @Test("tells an error that comes after the columns of a result, and goes on")
  func errorBehindColumns() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let before = try await database.client.query("SELECT CONNECTION_ID()")[0].integer(0)
      // The same statement each time: the library would wait for rows that never come.
      for _ in 1...3 {
        let error = await #expect(throws: MySQLError.self) {
          try await database.client.query("SELECT 1, (SELECT 1 UNION SELECT 2)")
        }
        #expect(error?.code == .refused)
        #expect(error?.errno == 1242)
      }
      let after = try await database.client.query("SELECT CONNECTION_ID()")[0].integer(0)
      #expect(after == before)
    }
  }

  @Test("that cannot log in or connect says so at once")
  func connecting() async throws {
    let server = try MySQLConfiguration(url: try Servers.requireDatabaseURL())
    var stranger = server
    stranger.password = Secret("geheim")
    var nowhere = server
    nowhere.address = .host("127.0.0.1", port: 1)
    var noDatabase = server
    noDatabase.database = "test_missing"
    let table: [(MySQLConfiguration, MySQLError.Code)] = [
      (stranger, .accessDenied), (nowhere, .connectFailed), (noDatabase, .accessDenied),
    ]
    for (configuration, code) in table {
      let client = MySQLClient(configuration)
      let error = await #expect(throws: MySQLError.self) { try await client.query("SELECT 1") }
      #expect(error?.code == code)
      #expect(error?.mayHaveActed == false)
      #expect(error?.description.contains("geheim") == false)
      await client.close()
    }
  }

  @Test("gives every task its own answer, with fewer connections than tasks")
  func manyTasks() async throws {
    try await TestDatabase.with(connectionCountMax: 3) { database in
      let answers = try await withThrowingTaskGroup(of: (Int, Int64, UInt64).self) { group in
        for number in 0..<200 {
          group.addTask {
            let row = try await database.client.query(
              "SELECT ? + 0, CONNECTION_ID()", [.integer(Int64(number))])[0]
            return (number, try row.integer(0), UInt64(try row.integer(1)))
          }
        }
        return try await group.reduce(into: []) { $0.append($1) }
      }
      for (number, answer, _) in answers { #expect(Int64(number) == answer) }
      #expect(Set(answers.map(\.2)).count <= 3)
    }
  }

  @Test("replaces a connection that was killed while idle, and nobody notices")
  func killedWhileIdle() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      try await database.client.execute("CREATE TABLE t (id INT PRIMARY KEY)")
      let number = try await database.client.query("SELECT CONNECTION_ID()")[0].integer(0)
      try await database.kill(number)
      try await database.client.execute("INSERT INTO t VALUES (1)")
      let row = try await database.client.query("SELECT COUNT(*), CONNECTION_ID() FROM t")[0]
      #expect(try row.integer(0) == 1)
      #expect(try row.integer(1) != number)
    }
  }

  @Test("tells a write whose connection broke under way that it may have happened")
  func killedWhileWriting() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let writing = Task {
        try await database.client.execute("DO SLEEP(30)")
      }
      try await database.kill(try await database.waitForStatement("DO SLEEP(30)"))
      let error = await #expect(throws: MySQLError.self) { try await writing.value }
      #expect(error?.code == .connectionLost)
      #expect(error?.isRetryable == true)
      #expect(error?.mayHaveActed == true)
      #expect(try await database.client.query("SELECT 1")[0].integer(0) == 1)
    }
  }

  @Test("sends a read again when its connection broke under way")
  func killedWhileReading() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      try await database.client.execute("CREATE TABLE t (id INT PRIMARY KEY)")
      try await database.client.execute("INSERT INTO t VALUES (1)")
      let reading = Task {
        // Sleeps only as long as the table holds a row.
        try await database.client.query("SELECT SLEEP(30) FROM t").count
      }
      let number = try await database.waitForStatement("SELECT SLEEP(30) FROM t")
      _ = try await database.onServer { try await $0.execute("DELETE FROM \(database.name).t") }
      try await database.kill(number)
      #expect(try await reading.value == 0)
    }
  }

  @Test("stops the statement of a cancelled task on the server")
  func cancellation() async throws {
    try await TestDatabase.with { database in
      let waiting = Task { try await database.client.query(TestDatabase.longStatement) }
      let number = try await database.waitForStatement(TestDatabase.longStatement)
      waiting.cancel()
      await #expect(throws: CancellationError.self) { try await waiting.value }
      #expect(try await database.statement(of: number) != TestDatabase.longStatement)
      #expect(try await database.client.query("SELECT 1")[0].integer(0) == 1)
    }
  }

  @Test("stops a statement that takes longer than a job may, and says so")
  func deadline() async throws {
    try await TestDatabase.with(jobTimeout: .milliseconds(200)) { database in
      let error = await #expect(throws: MySQLError.self) {
        try await database.client.query(TestDatabase.longStatement)
      }
      #expect(error?.code == .timedOut)
      #expect(error?.isRetryable == true)
      #expect(error?.mayHaveActed == false)
    }
  }

  @Test("lets nobody wait for a connection for longer than allowed, or after cancelling")
  func waiting() async throws {
    try await TestDatabase.with(connectionCountMax: 1, waitTimeout: .milliseconds(200)) {
      database in
      let busy = Task { try await database.client.query(TestDatabase.longStatement) }
      _ = try await database.waitForStatement(TestDatabase.longStatement)
      let error = await #expect(throws: MySQLError.self) {
        try await database.client.query("SELECT 1")
      }
      #expect(error?.code == .waitTimedOut)
      #expect(error?.mayHaveActed == false)
      let cancelled = Task { try await database.client.query("SELECT 1") }
      cancelled.cancel()
      await #expect(throws: (any Error).self) { try await cancelled.value }
      busy.cancel()
      await #expect(throws: CancellationError.self) { try await busy.value }
      #expect(try await database.client.query("SELECT 1")[0].integer(0) == 1)
    }
  }

  @Test("that is closed lets running work end, and refuses the rest")
  func closing() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let client = database.client
      let sql = "SELECT GET_LOCK('\(database.name)', 30)"
      let (running, closing) = try await database.holding(
        ["DO GET_LOCK('\(database.name)', 0)"]
      ) {
        let running = Task { try await client.query(sql)[0].integer(0) }
        _ = try await database.waitForStatement(sql)
        return (running, Task { await client.close() })
      }
      await closing.value
      #expect(try await running.value == 1)
      let error = await #expect(throws: MySQLError.self) { try await client.query("SELECT 1") }
      #expect(error?.code == .closed)
      // The server takes a moment to see it.
      try await database.waitUntil { server in
        try await server.query(
          "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?",
          [.text(database.name)])[0].integer(0) == 0
      }
    }
  }

  @Test("closes connections that nobody uses, down to the minimum")
  func idleConnections() async throws {
    try await TestDatabase.with(connectionCountMin: 1, idleTimeout: .milliseconds(100)) {
      database in
      try await withThrowingTaskGroup(of: Void.self) { group in
        for _ in 0..<6 {
          group.addTask { _ = try await database.client.query("SELECT SLEEP(0.1)") }
        }
        try await group.waitForAll()
      }
      try await database.waitUntil { server in
        try await server.query(
          "SELECT COUNT(*) FROM information_schema.processlist WHERE db = ?",
          [.text(database.name)])[0].integer(0) == 1
      }
    }
  }

  @Test("replaces a connection that is too old, between two jobs")
  func lifetime() async throws {
    try await TestDatabase.with { database in
      var configuration = database.configuration
      configuration.connectionCountMax = 1
      configuration.connectionLifetime = .milliseconds(50)
      let client = MySQLClient(configuration)
      let first = try await client.query("SELECT CONNECTION_ID()")[0].integer(0)
      try await database.waitUntil { _ in
        try await client.query("SELECT CONNECTION_ID()")[0].integer(0) != first
      }
      await client.close()
    }
  }
}
