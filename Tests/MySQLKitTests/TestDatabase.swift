import MySQLKit
import SessionCore
import TestSupport

/// A database of a test's own, dropped at the end.
struct TestDatabase: Sendable {
  let name: String
  let configuration: MySQLConfiguration
  let client: MySQLClient

  /// Runs `body` with a new, empty database, and a client that differs from a standard one in what
  /// is given.
  static func with<Result>(
    connectionCountMin: Int = 0, connectionCountMax: Int = 8,
    waitTimeout: Duration = .seconds(30), jobTimeout: Duration = .seconds(60),
    idleTimeout: Duration = .seconds(60), _ body: (TestDatabase) async throws -> Result
  ) async throws -> Result {
    // A test with two databases takes one turn: if each waited for a second one, none would get it.
    if Turns.isHeld {
      return try await make(
        connectionCountMin, connectionCountMax, waitTimeout, jobTimeout, idleTimeout, body)
    }
    await Turns.shared.take()
    defer { Turns.shared.giveBack() }
    return try await Turns.$isHeld.withValue(true) {
      try await make(
        connectionCountMin, connectionCountMax, waitTimeout, jobTimeout, idleTimeout, body)
    }
  }

  private static func make<Result>(
    _ connectionCountMin: Int, _ connectionCountMax: Int, _ waitTimeout: Duration,
    _ jobTimeout: Duration, _ idleTimeout: Duration,
    _ body: (TestDatabase) async throws -> Result
  ) async throws -> Result {
    let server = try MySQLConfiguration(url: try Servers.requireDatabaseURL())
    let digits = ConversationID.generate().description.filter { $0 != "-" }
    let name = "test_\(digits)"
    var configuration = server
    configuration.database = name
    configuration.connectionCountMin = connectionCountMin
    configuration.connectionCountMax = connectionCountMax
    configuration.waitTimeout = waitTimeout
    configuration.jobTimeout = jobTimeout
    configuration.idleTimeout = idleTimeout
    let administrator = MySQLClient(server)
    try await administrator.execute(
      "CREATE DATABASE \(name) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin")
    let database = TestDatabase(
      name: name, configuration: configuration, client: MySQLClient(configuration))
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(database))
    } catch {
      result = .failure(error)
    }
    await database.client.close()
    try await administrator.execute("DROP DATABASE \(name)")
    await administrator.close()
    return try result.get()
  }

  /// Runs `body` while a session of its own, in the database, holds what `statements` take: locks.
  func holding<Result>(
    _ statements: [String], _ body: () async throws -> Result
  ) async throws -> Result {
    let client = MySQLClient(configuration)
    let holder = Task {
      try await client.withConnection(timeout: .seconds(300)) { connection in
        for statement in statements { try connection.execute(statement) }
        _ = try connection.query(Self.longStatement)
      }
    }
    let result: Swift.Result<Result, any Error>
    do {
      _ = try await waitForStatement(Self.longStatement)
      result = .success(try await body())
    } catch {
      result = .failure(error)
    }
    holder.cancel()
    _ = await holder.result
    await client.close()
    return try result.get()
  }

  /// Runs `body` with a client of its own, outside the database.
  func onServer<Result>(
    _ body: (MySQLClient) async throws -> Result
  ) async throws -> Result {
    let server = MySQLClient(try MySQLConfiguration(url: try Servers.requireDatabaseURL()))
    let result: Swift.Result<Result, any Error>
    do {
      result = .success(try await body(server))
    } catch {
      result = .failure(error)
    }
    await server.close()
    return try result.get()
  }

  /// Ends a connection of the database from outside, and waits until it is gone.
  func kill(_ connection: Int64) async throws {
    try await onServer { server in
      try await server.execute("KILL \(connection)")
      try await wait { try await Self.statement(of: connection, server) == nil }
    }
  }

  /// A statement that does not end by itself. Stopped, it is an error on MySQL too, where `SLEEP`
  /// alone gives 1.
  static let longStatement = "SELECT 1 FROM information_schema.schemata WHERE SLEEP(300)"

  /// Waits until a connection of the database runs `statement`, and returns its number.
  func waitForStatement(_ statement: String) async throws -> Int64 {
    try await onServer { server in
      var number: Int64?
      try await wait {
        number = try await server.query(
          "SELECT id FROM information_schema.processlist WHERE db = ? AND info = ?",
          [.text(name), .text(statement)]
        ).first?.integer(0)
        return number != nil
      }
      return number ?? 0
    }
  }

  /// Waits until `condition` holds.
  func waitUntil(_ condition: (MySQLClient) async throws -> Bool) async throws {
    try await onServer { server in try await wait { try await condition(server) } }
  }

  /// What a connection runs: empty when it is idle, nil when it is gone.
  func statement(of connection: Int64) async throws -> String? {
    try await onServer { try await Self.statement(of: connection, $0) }
  }

  private static func statement(
    of connection: Int64, _ server: MySQLClient
  ) async throws -> String? {
    try await server.query(
      "SELECT COALESCE(info, '') FROM information_schema.processlist WHERE id = ?",
      [.integer(connection)]
    ).first?.text(0)
  }

  /// Every column and index of a database, as text.
  func shape() async throws -> [String] {
    let columns = try await client.query(
      """
      SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable,
        COALESCE(column_default, '-'), COALESCE(collation_name, '-'), extra)
      FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1
      """)
    let indexes = try await client.query(
      """
      SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique)
      FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1
      """)
    return try columns.map { try $0.text(0) } + indexes.map { try $0.text(0) }
  }

  private struct NeverHappened: Error {}

  /// Asks the server again and again; each question waits for its answer.
  private func wait(_ condition: () async throws -> Bool) async throws {
    let end = ContinuousClock.now + .seconds(30)
    while try await !condition() {
      if ContinuousClock.now > end { throw NeverHappened() }
    }
  }
}

/// How many tests may use the server at the same time: it takes 150 connections.
private final class Turns: Sendable {
  static let shared = Turns(count: 8)

  /// Whether the present test has its turn.
  @TaskLocal static var isHeld = false

  private struct State {
    var free: Int
    var waiting: [CheckedContinuation<Void, Never>] = []
  }

  private let state: Locked<State>

  init(count: Int) { state = Locked(State(free: count)) }

  func take() async {
    await withCheckedContinuation { continuation in
      let isFree = state.withLock { state in
        if state.free == 0 {
          state.waiting.append(continuation)
          return false
        }
        state.free -= 1
        return true
      }
      if isFree { continuation.resume() }
    }
  }

  func giveBack() {
    let next = state.withLock { state -> CheckedContinuation<Void, Never>? in
      if state.waiting.isEmpty {
        state.free += 1
        return nil
      }
      return state.waiting.removeFirst()
    }
    next?.resume()
  }
}
