import SessionCore
import TestSupport
import Testing

@testable import MySQLKit

@Suite("A transaction", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLTransactionTests {
  private struct Refusal: Error {}

  private func withTable(
    connectionCountMax: Int = 4, _ body: (TestDatabase) async throws -> Void
  ) async throws {
    try await TestDatabase.with(connectionCountMax: connectionCountMax) { database in
      try await database.client.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT)")
      try await database.client.execute("INSERT INTO t VALUES (1, 0), (2, 0)")
      try await body(database)
    }
  }

  private func sum(_ database: TestDatabase) async throws -> Int64 {
    try await database.client.query("SELECT CAST(SUM(n) AS SIGNED) FROM t")[0].integer(0)
  }

  @Test("that throws changes nothing")
  func rollback() async throws {
    try await withTable { database in
      await #expect(throws: Refusal.self) {
        try await database.client.transaction { connection in
          try connection.execute("UPDATE t SET n = 5")
          throw Refusal()
        }
      }
      #expect(try await sum(database) == 0)
      _ = try await database.client.transaction { try $0.execute("UPDATE t SET n = 5") }
      #expect(try await sum(database) == 10)
    }
  }

  @Test("that is cancelled changes nothing")
  func cancellation() async throws {
    try await withTable { database in
      let task = Task {
        try await database.client.transaction { connection in
          try connection.execute("UPDATE t SET n = 5")
          _ = try connection.query(TestDatabase.longStatement)
        }
      }
      _ = try await database.waitForStatement(TestDatabase.longStatement)
      task.cancel()
      await #expect(throws: CancellationError.self) { try await task.value }
      #expect(try await sum(database) == 0)
    }
  }

  @Test("that loses a deadlock is run again, and both come through")
  func deadlock() async throws {
    try await withTable { database in
      let attempts = Locked(0)
      let met = Locked(0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for order in [[1, 2], [2, 1]] {
          group.addTask {
            let isFirst = Locked(true)
            try await database.client.transaction { connection in
              attempts.withLock { $0 += 1 }
              try connection.execute("UPDATE t SET n = n + 1 WHERE id = \(order[0])")
              // The first time each waits until the other holds its row.
              if isFirst.withLock({ $0 }) {
                isFirst.withLock { $0 = false }
                met.withLock { $0 += 1 }
                while met.withLock({ $0 }) < 2 { _ = try connection.query("SELECT 1") }
              }
              try connection.execute("UPDATE t SET n = n + 1 WHERE id = \(order[1])")
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(try await sum(database) == 4)
      #expect(attempts.withLock(\.self) >= 3)
    }
  }

  @Test("whose connection breaks before the commit is run again")
  func brokenConnection() async throws {
    try await withTable { database in
      let attempts = Locked(0)
      let task = Task {
        try await database.client.transaction { connection in
          let attempt = attempts.withLock { count in
            count += 1
            return count
          }
          try connection.execute("UPDATE t SET n = n + 1")
          if attempt == 1 { _ = try connection.query(TestDatabase.longStatement) }
        }
      }
      try await database.kill(try await database.waitForStatement(TestDatabase.longStatement))
      try await task.value
      #expect(attempts.withLock(\.self) == 2)
      #expect(try await sum(database) == 2)
    }
  }

  @Test("whose batch fails at one statement keeps nothing of the others")
  func failedBatch() async throws {
    try await withTable { database in
      let error = await #expect(throws: MySQLError.self) {
        try await database.client.transaction { connection in
          _ = try connection.execute([
            .init("UPDATE t SET n = 5 WHERE id = 1"),
            .init("INSERT INTO t VALUES (?, 7)", [2]),
            .init("INSERT INTO t VALUES (?, 7)", [3]),
          ])
        }
      }
      #expect(error?.code == .duplicateKey)
      #expect(try await sum(database) == 0)
      // What comes after on the same connections commits itself again.
      try await database.client.execute("UPDATE t SET n = 5 WHERE id = 1")
      #expect(try await sum(database) == 5)
    }
  }

  @Test("whose batch loses a deadlock at one statement keeps nothing of those behind it")
  func deadlockInBatch() async throws {
    try await withTable { database in
      let met = Locked(0)
      let attempts = Locked(0)
      @Sendable func meet(_ connection: MySQLConnection) throws {
        met.withLock { $0 += 1 }
        while met.withLock({ $0 }) < 2 { _ = try connection.query("SELECT 1") }
      }
      try await withThrowingTaskGroup(of: Void.self) { group in
        group.addTask {
          try await database.client.transaction { connection in
            // It has changed more, so that the server lets the other one give way.
            try connection.execute("INSERT INTO t VALUES (11, 0), (12, 0), (13, 0), (14, 0)")
            try connection.execute("UPDATE t SET n = 1 WHERE id = 2")
            try meet(connection)
            try connection.execute("UPDATE t SET n = 1 WHERE id = 1")
          }
        }
        group.addTask {
          await #expect(throws: Refusal.self) {
            try await database.client.transaction { connection in
              if attempts.withLock({
                $0 += 1
                return $0
              }) > 1 {
                throw Refusal()
              }
              try connection.execute("UPDATE t SET n = 100 WHERE id = 1")
              try meet(connection)
              _ = try connection.execute([
                .init("UPDATE t SET n = 100 WHERE id = 2"), .init("INSERT INTO t VALUES (3, 100)"),
              ])
            }
          }
        }
        try await group.waitForAll()
      }
      #expect(attempts.withLock(\.self) == 2)
      #expect(try await sum(database) == 2)
    }
  }

  @Test("cannot go on after the server has undone it")
  func undone() async throws {
    try await withTable { database in
      let task = Task {
        try await database.client.transaction { connection in
          try connection.execute("UPDATE t SET n = n + 1")
          // A body that looks away does not turn the rest into changes of their own.
          _ = try? connection.query(TestDatabase.longStatement)
          try connection.execute("UPDATE t SET n = n + 100")
          throw Refusal()
        }
      }
      try await database.kill(try await database.waitForStatement(TestDatabase.longStatement))
      _ = try await database.waitForStatement(TestDatabase.longStatement)
      task.cancel()
      await #expect(throws: (any Error).self) { try await task.value }
      #expect(try await sum(database) == 0)
    }
  }
}
