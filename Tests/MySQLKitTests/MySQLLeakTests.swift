import Foundation
import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite(
  "What queries leave behind", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"),
  .timeLimit(.minutes(5)))
struct MySQLLeakTests {
  // In a process of its own: other tests open descriptors meanwhile.
  @Test("10,000 queries, failed and cancelled ones among them, leave no memory and no handle")
  func queries() async {
    await #expect(processExitsWith: .success) {
      let before = try ProcessUsage.descriptorCount()
      var configuration = try MySQLConfiguration(url: try Servers.requireDatabaseURL())
      configuration.connectionCountMax = 4
      // Fewer than the statements that are used, so that some are always thrown away.
      configuration.statementCountMax = 4
      let client = MySQLClient(configuration)
      try await Self.run(3000, client)
      let settled = ProcessUsage.residentByteCount()
      try await Self.run(7000, client)
      let grown = ProcessUsage.residentByteCount() - settled
      guard grown < 4 << 20 || ProcessUsage.isSanitized else {
        print("grown by \(grown) bytes")
        exit(2)
      }
      await client.close()
      // MySQL counts a statement twice whose parameter turns out to be of another type.
      let counts = try await Self.openStatementCounts(configuration)
      guard counts.allSatisfy({ (0...configuration.statementCountMax + 2).contains($0) }) else {
        exit(3)
      }
      let after = try ProcessUsage.descriptorCount()
      // Some are the runtime's, which it opens when it first needs them.
      guard after <= before + 8 else {
        print("\(before) descriptors before, \(after) after")
        exit(4)
      }
    }
  }

  /// How many statements a connection holds open, now and then. Nothing is cancelled: a statement
  /// that is stopped while it is made ready counts as one, and is none.
  private static func openStatementCounts(_ configuration: MySQLConfiguration) async throws -> [Int]
  {
    let client = MySQLClient(configuration)
    var counts: [Int] = []
    for _ in 0..<5 {
      try await run(100, client, cancels: false)
      let rows = try await client.query(
        "SHOW SESSION STATUS WHERE Variable_name IN ('Com_stmt_close', 'Com_stmt_prepare')")
      guard let closed = Int(try rows[0].text(1)), let prepared = Int(try rows[1].text(1)) else {
        exit(7)
      }
      counts.append(prepared - closed)
    }
    await client.close()
    return counts
  }

  /// Runs queries of every kind from four tasks.
  static func run(_ count: Int, _ client: MySQLClient, cancels: Bool = true) async throws {
    let long = String(repeating: "é", count: 5000)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<4 {
        group.addTask {
          for number in 0..<count / 4 {
            switch number % 10 {
            case 8:
              let error = await #expect(throws: MySQLError.self) {
                _ = try await client.query(
                  "SELECT \(number % 7), (SELECT ? UNION SELECT ?)", ["1", "2"])
              }
              if error?.code != .refused { exit(5) }
            case 9 where cancels:
              let task = Task { try await client.query("SELECT ?", [.text(long)]) }
              task.cancel()
              _ = try? await task.value
            default:
              let rows = try await client.query(
                "SELECT ?, \(number % 8), REPEAT('x', 3000)", [.text(long)])
              if try rows[0].text(0) != long { exit(6) }
            }
          }
        }
      }
      try await group.waitForAll()
    }
  }
}
