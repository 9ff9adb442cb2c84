import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("Everyday needs", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLEverydayTests {
  private struct Refusal: Error {}

  private func with(
    connectionCountMax: Int = 1, _ body: (TestDatabase) async throws -> Void
  ) async throws {
    try await TestDatabase.with(connectionCountMax: connectionCountMax) { database in
      try await database.client.execute(
        "CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT UNIQUE, s VARCHAR(10))")
      try await body(database)
    }
  }

  private func numbers(_ client: MySQLClient) async throws -> [Int] {
    try await client.query("SELECT n FROM t ORDER BY n").decode(Int.self)
  }

  @Test("A transaction inside another one is undone alone")
  func savepoints() async throws {
    try await with { database in
      let client = database.client
      try await client.transaction { connection in
        // The first thing in a transaction may be another one.
        try connection.transaction { try connection.execute("INSERT INTO t (n) VALUES (1)") }
        try? connection.transaction {
          try connection.execute("INSERT INTO t (n) VALUES (2)")
          try connection.transaction { try connection.execute("INSERT INTO t (n) VALUES (3)") }
          throw Refusal()
        }
        try connection.transaction {
          #expect(throws: MySQLError.self) {
            try connection.transaction {
              try connection.execute("INSERT INTO t (n) VALUES (4)")
              try connection.execute("INSERT INTO t (n) VALUES (1)")
            }
          }
          try connection.execute("INSERT INTO t (n) VALUES (5)")
        }
      }
      #expect(try await numbers(client) == [1, 5])
      await #expect(throws: Refusal.self) {
        try await client.transaction { connection in
          try connection.transaction { try connection.execute("INSERT INTO t (n) VALUES (6)") }
          throw Refusal()
        }
      }
      #expect(try await numbers(client) == [1, 5])
      #expect(client.statistics.lostConnectionCount + client.statistics.resetCount == 0)
    }
  }

  @Test("A transaction that loses its connection inside a savepoint is run again, whole")
  func brokenSavepoint() async throws {
    try await with { database in
      let attempts = Locked(0)
      let task = Task {
        try await database.client.transaction { connection in
          let attempt = attempts.withLock { count in
            count += 1
            return count
          }
          try connection.execute("INSERT INTO t (n) VALUES (1)")
          try connection.transaction {
            try connection.execute("INSERT INTO t (n) VALUES (2)")
            if attempt == 1 { _ = try connection.query(TestDatabase.longStatement) }
          }
        }
      }
      try await database.kill(try await database.waitForStatement(TestDatabase.longStatement))
      try await task.value
      #expect(attempts.withLock(\.self) == 2)
      #expect(try await numbers(database.client) == [1, 2])
      #expect(database.client.statistics.repeatedTransactionCount == 1)
    }
  }

  @Test("A transaction whose body ends it by hand keeps its connection from the next job")
  func endedByHand() async throws {
    try await with { database in
      await #expect(throws: (any Error).self) {
        try await database.client.transaction { connection in
          try connection.transaction {
            try connection.execute("INSERT INTO t (n) VALUES (1)")
            try connection.execute("COMMIT")
            throw Refusal()
          }
        }
      }
      try await database.client.execute("INSERT INTO t (n) VALUES (2)")
      #expect(try await numbers(database.client).contains(2))
    }
  }

  @Test("Many rows are inserted with few statements, all or none", arguments: [0, 1, 2, 257, 3000])
  func insert(count: Int) async throws {
    try await with { database in
      let client = database.client
      let rows = (0..<count).map { ($0, $0 % 7 == 0 ? nil : "é\($0)") as (Int, String?) }
      let result = try await client.insert(into: "t", columns: ["n", "s"], rows: rows)
      #expect(result.affectedRowCount == UInt64(count))
      #expect(result.firstInsertID == (count == 0 ? 0 : 1))
      #expect(try await numbers(client) == Array(0..<count))
      guard count > 1 else { return }
      let error = await #expect(throws: MySQLError.self) {
        try await client.insert(
          into: "t", columns: ["n", "s"], rows: [(-1, "x"), (count - 1, "x")])
      }
      #expect(error?.code == .duplicateKey)
      #expect(try await numbers(client) == Array(0..<count))
      try await client.insert(
        into: "t", columns: ["n", "s"], rows: [(0, "new"), (-1, "x")], updatesDuplicates: true)
      #expect(try await client.query("SELECT s FROM t WHERE n = 0")[0].text(0) == "new")
    }
  }

  @Test("Rows larger than a statement may be are split, and names are quoted")
  func insertLarge() async throws {
    try await with { database in
      let client = database.client
      try await client.execute("CREATE TABLE `a``b c` (`k-1` INT, `order` LONGTEXT)")
      let text = String(repeating: "x", count: 700_000)
      let result = try await client.insert(
        into: "a`b c", columns: ["k-1", "order"], rows: (0..<9).map { ($0, text) })
      #expect(result.affectedRowCount == 9)
      let error = await #expect(throws: MySQLError.self) {
        try await client.insert(into: "t", columns: ["n", "s"], rows: [[1, "a"], [2]])
      }
      #expect(error?.reason == "row 1 has 1 values for 2 columns")
    }
  }

  @Test("Counts, the last number given and warnings are told")
  func outcome() async throws {
    try await with { database in
      let (inserted, updated, warnings) = try await database.client.withConnection { connection in
        let inserted = try connection.execute("INSERT INTO t (n) VALUES (1), (2), (3)")
        let updated = try connection.execute("UPDATE t SET s = 'x' WHERE n > ?", 1)
        let ignored = try connection.execute("INSERT IGNORE INTO t (n, s) VALUES (1, 'geheim')")
        #expect(ignored.affectedRowCount == 0 && ignored.warningCount == 1)
        return (inserted, updated, try connection.warnings())
      }
      #expect(inserted.affectedRowCount == 3 && inserted.firstInsertID == 1)
      #expect(updated.affectedRowCount == 2 && updated.warningCount == 0)
      #expect(warnings.map(\.errno) == [1062])
      #expect(
        warnings[0].description.hasSuffix("Duplicate entry '…' for key 'n'")
          || warnings[0].description.hasSuffix("Duplicate entry '…' for key 't.n'"))
    }
  }

  @Test("A call may have a deadline of its own")
  func deadlines() async throws {
    try await with { database in
      let error = await #expect(throws: MySQLError.self) {
        try await database.client.query(TestDatabase.longStatement, timeout: .milliseconds(100))
      }
      #expect(error?.code == .timedOut)
      let row = try await database.client.query("SELECT 1", timeout: .seconds(5))[0]
      #expect(try row.integer(0) == 1)
    }
  }

  @Test("What happens to connections is told, and counted")
  func events() async throws {
    try await TestDatabase.with { database in
      let events = Locked<[String]>([])
      var configuration = database.configuration
      configuration.connectionCountMax = 1
      let client = MySQLClient(configuration) { event in
        events.withLock { $0.append("\(event)".replacing(#/[0-9]+/#, with: "N")) }
      }
      try await client.execute("SET @x = 1")
      let number = try await client.query("SELECT CONNECTION_ID()")[0].integer(0)
      try await database.kill(number)
      _ = try await client.query("SELECT 1")
      await client.close()
      #expect(
        events.withLock(\.self) == [
          "connection N made", "connection N made as new", "connection N closed (lost)",
          "connection N made", "connection N closed (client closed)",
        ])
      let statistics = client.statistics
      #expect(statistics.connectCount == 2 && statistics.lostConnectionCount == 1)
      #expect(statistics.resetCount == 1 && statistics.finishedJobCount == 3)
      #expect(statistics.connectionCount == 0)

      configuration.password = Secret("geheim")
      let stranger = MySQLClient(configuration) { event in
        events.withLock { $0.append("\(event)") }
      }
      await #expect(throws: MySQLError.self) { try await stranger.query("SELECT 1") }
      #expect(stranger.statistics.connectFailureCount == 1)
      #expect(!"\(stranger) \(events.withLock(\.self))".contains("geheim"))
      await stranger.close()
    }
  }
}

@Suite("The server's words in an error", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLErrorWordsTests {
  @Test("name tables, columns and keys, and never a value of the statement")
  func words() async throws {
    try await TestDatabase.with { database in
      let client = database.client
      try await client.execute(
        """
        CREATE TABLE p (id INT PRIMARY KEY, s VARCHAR(30) UNIQUE, d DATE, e DECIMAL(5, 2),
          k INT NOT NULL CHECK (k < 100), t VARCHAR(3))
        """)
      try await client.execute(
        "CREATE TABLE c (p INT, CONSTRAINT c_p FOREIGN KEY (p) REFERENCES p (id))")
      try await client.execute(
        """
        CREATE PROCEDURE sig() SIGNAL SQLSTATE '45000' SET MESSAGE_TEXT = 'geheim 4711'
        """)
      let tricky = "geheim' for key 'geheim"
      try await client.execute(
        "INSERT INTO p VALUES (4711, 'geheim', NULL, NULL, 1, NULL), (1, ?, NULL, NULL, 1, NULL)",
        tricky)
      let table: [(String, [MySQLValue], String)] = [
        ("INSERT INTO p (id, k) VALUES (4711, 1)", [], "for key"),
        ("INSERT INTO p (id, s, k) VALUES (2, 'geheim', 1)", [], "for key"),
        ("INSERT INTO p (id, s, k) VALUES (2, ?, 1)", [.text(tricky)], "for key"),
        ("INSERT INTO p (id, d, k) VALUES (2, 'geheim', 1)", [], "for column"),
        ("INSERT INTO p (id, k) VALUES ('geheim', 1)", [], "for column"),
        ("INSERT INTO p (id, t, k) VALUES (2, 'geheim', 1)", [], "'t'"),
        ("INSERT INTO p (id, e, k) VALUES (2, 47114711, 1)", [], "'e'"),
        ("INSERT INTO p (id, k) VALUES (2, 4711)", [], "failed"),
        ("INSERT INTO p (id, k) VALUES (2, NULL)", [], "'k'"),
        ("INSERT INTO p (id) VALUES (2)", [], "'k'"),
        ("INSERT INTO c VALUES (47110)", [], "c_p"),
        ("SELEC 'geheim'", [], "SQL syntax"),
        ("SELECT 4711 'geheim' 'x' FROM WHERE", [], "line 1"),
        ("SELECT * FROM missing WHERE x = 'geheim'", [], "missing"),
        ("SELECT x FROM p WHERE s = 'geheim'", [], "'x'"),
        ("SELECT CAST('geheim' AS DATE) + EXP(4711)", [], ""),
        ("UPDATE p SET d = ? WHERE id = 1", ["geheim"], "for column"),
        ("UPDATE p SET k = 1 WHERE s = 4711 AND d > 'geheim'", [], ""),
        ("CALL sig()", [], "SIGNAL"), ("CALL missing('geheim')", [], "missing"),
        ("SELECT EXTRACTVALUE('<a/>', 'geheim[')", [], ""),
        ("SELECT JSON_EXTRACT('geheim', '$')", [], ""),
        ("SELECT 1 FROM p WHERE s REGEXP 'geheim['", [], ""),
        ("SELECT ~0 + 4711", [], "out of range"),
      ]
      for (sql, values, words) in table {
        do {
          _ = try await client.execute(sql, values)
          #expect(words.isEmpty, "\(sql) is an error")
        } catch let error as MySQLError {
          #expect(
            !"\(error)".contains("geheim") && !"\(error)".contains("4711"), "\(sql): \(error)")
          #expect("\(error)".contains(words), "\(sql): \(error)")
          #expect(error.serverMessage != nil)
        }
      }
    }
  }
}
