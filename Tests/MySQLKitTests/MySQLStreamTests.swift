import Foundation
import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("A stream of rows", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLStreamTests {
  /// So many rows without a table: a number, a text, and now and then NULL.
  private static func rows(_ count: Int, text: String = "REPEAT('x', 20)") -> String {
    """
    WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 99)
    SELECT a.n * 10000 + b.n * 100 + c.n AS n, \(text) AS t, IF(c.n = 0, NULL, c.n) AS e
    FROM d a, d b, d c LIMIT \(count)
    """
  }

  @Test("gives every row once, in order, with its values", arguments: [0, 1, 255, 5000, 40_000])
  func everyRow(count: Int) async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      var numbers: [Int] = []
      var nullCount = 0
      for try await row in database.client.stream(Self.rows(count)) {
        numbers.append(try row["n", as: Int.self])
        #expect(try row["t", as: String.self].utf8.count == 20)
        if try row["e", as: Int?.self] == nil { nullCount += 1 }
      }
      let collected = try await database.client.query(Self.rows(count)).decode(Int.self)
      #expect(numbers == collected)
      #expect(Set(numbers).count == count)
      #expect(nullCount > 0 || count == 0)
      // The connection is back, as it was.
      #expect(try await database.answers())
      #expect(database.client.statistics.lostConnectionCount == 0)
    }
  }

  @Test("takes parameters, and can be looped over more than once")
  func twice() async throws {
    try await TestDatabase.with { database in
      let stream = database.client.stream("SELECT ? AS a, ? AS b", 5, "x")
      for _ in 1...2 {
        let rows = try await stream.reduce(into: []) {
          $0.append(try $1.decode((Int, String).self))
        }
        #expect(rows.count == 1 && rows[0] == (5, "x"))
      }
    }
  }

  // In a process of its own: other tests take memory meanwhile.
  @Test("holds a bounded part of the result, and the server waits for a slow reader")
  func backPressure() async {
    await #expect(processExitsWith: .success) {
      let client = MySQLClient(try MySQLConfiguration(url: try Servers.requireDatabaseURL()))
      for (sql, count, byteCountMax) in [
        (Self.rows(1_000_000), 1_000_000, 10_000_000),
        // Rows larger than the buffer: a few of them.
        (Self.rows(200, text: "REPEAT('x', 1000000)"), 200, 30_000_000),
      ] {
        for try await _ in client.stream(Self.rows(10_000)) {}
        let before = ProcessUsage.residentByteCount()
        var (seen, peak) = (0, 0)
        for try await row in client.stream(sql) {
          seen += 1
          guard try row["t", as: String.self].utf8.count >= 20 else { exit(2) }
          if seen % 100 == 0 { peak = max(peak, ProcessUsage.residentByteCount() - before) }
        }
        guard seen == count else { exit(3) }
        guard peak < byteCountMax || ProcessUsage.isSanitized else {
          print("\(peak) bytes above the start")
          exit(4)
        }
      }
      await client.close()
    }
  }

  @Test("that is left early 200 times leaves no memory and no handle")
  func leaks() async {
    await #expect(processExitsWith: .success) {
      // What this process was given by the one that started it is not counted.
      let inherited = try ProcessUsage.descriptorCount()
      var configuration = try MySQLConfiguration(url: try Servers.requireDatabaseURL())
      configuration.connectionCountMax = 4
      let client = MySQLClient(configuration)
      func leave(_ count: Int) async throws {
        for number in 0..<count {
          var left = number % 50
          for try await _ in client.stream(Self.rows(20_000)) {
            left -= 1
            if left < 0 { break }
          }
        }
      }
      try await leave(50)
      let memory = ProcessUsage.residentByteCount()
      try await leave(150)
      let grown = ProcessUsage.residentByteCount() - memory
      guard grown < 4 << 20 || ProcessUsage.isSanitized else {
        print("grown by \(grown) bytes")
        exit(2)
      }
      let descriptors = try ProcessUsage.descriptorCount()
      await client.close()
      guard descriptors < inherited + 20, client.statistics.connectionCount == 0 else { exit(3) }
    }
  }

  @Test("that is left early stops its statement, and the next job finds a good connection")
  func leaving() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      for _ in 1...5 {
        var count = 0
        for try await _ in database.client.stream(Self.rows(1_000_000)) {
          count += 1
          if count == 1000 { break }
        }
        #expect(try await database.answers())
      }
      // One that has arrived whole may give the connection back as it is.
      for try await _ in database.client.stream("SELECT 1 UNION ALL SELECT 2") { break }
      #expect(try await database.answers())
    }
  }

  @Test("whose task is cancelled ends at once, between rows and while it waits for one")
  func cancellation() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      for sql in [Self.rows(1_000_000), TestDatabase.longStatement] {
        let task = Task {
          var count = 0
          for try await _ in database.client.stream(sql) { count += 1 }
          return count
        }
        if sql == TestDatabase.longStatement { _ = try await database.waitForStatement(sql) }
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
        #expect(try await database.answers())
      }
    }
  }

  @Test("that takes longer than it may is stopped, also while its reader pauses")
  func deadline() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      var iterator = database.client.stream(
        Self.rows(1_000_000), timeout: .milliseconds(300)
      ).makeAsyncIterator()
      _ = try await iterator.next()
      // Nobody reads on; the connection comes back all the same.
      #expect(try await database.answers())
      let error = await #expect(throws: MySQLError.self) {
        while try await iterator.next() != nil {}
      }
      #expect(error?.code == .timedOut)
      #expect(try await iterator.next() == nil)
    }
  }

  @Test("tells an error before the first row, and one that comes in the middle")
  func errors() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let missing = await #expect(throws: MySQLError.self) {
        for try await _ in database.client.stream("SELECT * FROM missing") {}
      }
      #expect(missing?.errno == 1146)
      let late = """
        WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 900)
        SELECT n, IF(n < 800, 1, (SELECT 1 UNION SELECT 2)) FROM d
        """
      let error = await #expect(throws: MySQLError.self) {
        for try await _ in database.client.stream(late) {}
      }
      #expect(error?.errno == 1242)
      let answers = try await database.answers()
      #expect(answers)
    }
  }

  @Test("whose connection is killed under way says so")
  func killed() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      var iterator = database.client.stream(Self.rows(1_000_000)).makeAsyncIterator()
      #expect(try await iterator.next()?.columns == ["n", "t", "e"])
      try await database.onServer { server in
        let number = try await server.query(
          "SELECT id FROM information_schema.processlist WHERE db = ? AND command = 'Execute'",
          [.text(database.name)])[0].integer(0)
        try await server.execute("KILL \(number)")
      }
      let error = await #expect(throws: MySQLError.self) {
        while try await iterator.next() != nil {}
      }
      #expect(error?.code == .connectionLost)
      #expect(try await database.answers())
    }
  }

  @Test("is one of many at once, some left early and some cancelled, and each gives its own rows")
  func many() async throws {
    try await TestDatabase.with(connectionCountMax: 4) { database in
      let client = database.client
      try await client.execute("CREATE TABLE t (n INT)")
      try await client.insert(into: "t", column: "n", values: 0..<20_000)
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<60 {
          group.addTask {
            do {
              var count = 0
              for try await _ in client.stream("SELECT n FROM t WHERE n >= ?", number) {
                count += 1
                if number % 3 == 0, count == number * 10 { break }
                if number % 3 == 1, count == 5000 { withUnsafeCurrentTask { $0?.cancel() } }
              }
              #expect(number % 3 != 2 || count == 20_000 - number)
            } catch {
              #expect(number % 3 == 1 && error is CancellationError)
            }
          }
        }
      }
      let answers = try await database.answers()
      #expect(answers)
    }
  }

  @Test("does not keep a client from closing, nor does one that waits for a connection")
  func closing() async throws {
    try await TestDatabase.with { database in
      var configuration = database.configuration
      configuration.connectionCountMax = 1
      let client = MySQLClient(configuration)
      var iterator = client.stream(Self.rows(1_000_000)).makeAsyncIterator()
      _ = try await iterator.next()
      let waiting = Task { for try await _ in client.stream("SELECT 1") {} }
      while client.statistics.waitingJobCount == 0 { await Task.yield() }
      await client.close()
      let refused = await #expect(throws: MySQLError.self) { try await waiting.value }
      #expect(refused?.code == .closed)
      let error = await #expect(throws: MySQLError.self) {
        while try await iterator.next() != nil {}
      }
      #expect(error?.code == .closed)
    }
  }

  @Test("hands over what has come, before the statement has ended")
  func slowServer() async throws {
    try await TestDatabase.with { database in
      // The server sends its buffer of 16 KiB, and then has no more for a long time.
      let sql = """
        WITH RECURSIVE d AS (SELECT 0 AS n UNION ALL SELECT n + 1 FROM d WHERE n < 900)
        SELECT n, REPEAT('x', 100) FROM d WHERE n < 800 OR SLEEP(300) = 0
        """
      var count = 0
      for try await _ in database.client.stream(sql) {
        count += 1
        if count == 500 { break }
      }
      #expect(count == 500)
    }
  }

  @Test("reads all results of a procedure, and gives the rows of the first")
  func procedure() async throws {
    try await TestDatabase.with(connectionCountMax: 1) { database in
      try await database.client.execute(
        "CREATE PROCEDURE p() BEGIN SELECT 1 AS a UNION SELECT 2; SELECT 3, 4; END")
      var values: [Int] = []
      for try await row in database.client.stream("CALL p()") {
        values.append(try row["a", as: Int.self])
      }
      #expect(values == [1, 2])
      #expect(try await database.answers())
    }
  }

  @Test("can be read on the connection's thread too, with nothing else on it meanwhile")
  func forEachRow() async throws {
    struct Left: Error {}
    try await TestDatabase.with(connectionCountMax: 1) { database in
      let sum = try await database.client.withConnection { connection in
        var sum = 0
        try connection.forEachRow(Self.rows(10_000)) { sum += try $0["n", as: Int.self] }
        let error = #expect(throws: MySQLError.self) {
          try connection.forEachRow(Self.rows(100)) { _ in _ = try connection.query("SELECT 1") }
        }
        #expect(error?.code == .refused)
        #expect(throws: Left.self) {
          try connection.forEachRow(Self.rows(10_000)) { _ in throw Left() }
        }
        _ = try connection.query("SELECT 1")
        return sum
      }
      let numbers = try await database.client.query(Self.rows(10_000)).decode(Int.self)
      #expect(sum == numbers.reduce(0, +))
    }
  }
}
