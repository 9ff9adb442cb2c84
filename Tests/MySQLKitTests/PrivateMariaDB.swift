import MySQLKit
import SessionCore
import TestSupport

/// A database server of one test's own, for what must not happen to the shared one: it can be
/// killed, and speak TLS.
final class PrivateMariaDB: Sendable {
  let port: UInt16
  private let directory: TemporaryDirectory
  private let options: [String]
  private let process: Locked<ServerProcess?>
  private let waiting = Locked<[CheckedContinuation<Void, Never>]>([])

  /// Sets a server up and starts it with `options`.
  init(_ options: [String] = []) async throws {
    let directory = try TemporaryDirectory()
    self.directory = directory
    try directory.write(
      """
      CREATE DATABASE IF NOT EXISTS chat CHARACTER SET utf8mb4 COLLATE utf8mb4_bin;
      CREATE USER IF NOT EXISTS 'chat'@'%' IDENTIFIED BY 'secret';
      GRANT ALL ON *.* TO 'chat'@'%' WITH GRANT OPTION;

      """.utf8, to: "init.sql")
    self.options =
      [
        "--no-defaults", "--datadir=\(directory.file("data"))", "--user=\(try Self.user())",
        "--bind-address=127.0.0.1", "--socket=mariadb.sock", "--skip-name-resolve",
        "--skip-log-bin", "--tmpdir=\(directory.path)", "--character-set-server=utf8mb4",
        "--init-file=\(directory.file("init.sql"))",
      ] + options
    try await Self.setUp(directory)
    // Another process may take the port between finding and using it: then another is tried.
    var attempt = 1
    while true {
      let candidate = UInt16.random(in: 10_000..<20_000)
      do {
        process = Locked(try await Self.start(self.options, candidate))
        port = candidate
        return
      } catch let error as ServerProcess.Ended {
        if attempt == 5 { throw error }
        attempt += 1
      }
    }
  }

  /// A configuration of a client of this server.
  var configuration: MySQLConfiguration {
    MySQLConfiguration(
      address: .host("127.0.0.1", port: port), user: "chat", password: Secret("secret"),
      database: "chat")
  }

  /// Ends the server at once, as a crash does, and waits until it is gone.
  func kill() async { await process.withLock { $0.take() }?.kill() }

  /// Starts the server again on the same port, and waits until it takes connections.
  func restart() async throws {
    let started = try await Self.start(options, port)
    process.withLock { $0 = started }
    let waiters = waiting.withLock { waiting in
      defer { waiting = [] }
      return waiting
    }
    for continuation in waiters { continuation.resume() }
  }

  /// Returns when the server runs: at once, or after ``restart()``.
  func waitUntilUp() async {
    await withCheckedContinuation { continuation in
      let isUp = process.withLock { process in
        if process == nil { waiting.withLock { $0.append(continuation) } }
        return process != nil
      }
      if isUp { continuation.resume() }
    }
  }

  private static func start(_ options: [String], _ port: UInt16) async throws -> ServerProcess {
    try await ServerProcess.start(
      "mariadbd", options + ["--port=\(port)"], upWhenSays: "ready for connections")
  }

  private static func user() throws -> String {
    let process = try SpawnedProcess("id", ["-un"], output: .pipe)
    // A process that nobody waits for hides the end of every other one from exit tests.
    defer { process.wait() }
    return String(decoding: process.read().dropLast(), as: UTF8.self)
  }

  private static func setUp(_ directory: TemporaryDirectory) async throws {
    let arguments = [
      "--no-defaults", "--datadir=\(directory.file("data"))", "--user=\(try user())",
      "--skip-test-db", "--auth-root-authentication-method=normal", "--tmpdir=\(directory.path)",
    ]
    try await withCheckedThrowingContinuation { (done: CheckedContinuation<Void, any Error>) in
      do {
        // Waiting for another process blocks.
        _ = try DedicatedThread {
          done.resume(
            with: Result {
              let process = try SpawnedProcess(
                "mariadb-install-db", arguments, output: .pipe, errors: .pipe)
              var log: [UInt8] = []
              while case let bytes = process.read(), !bytes.isEmpty { log += bytes }
              guard process.wait() != 0 else { return }
              throw ServerProcess.Ended(description: String(decoding: log, as: UTF8.self))
            })
        }
      } catch {
        done.resume(throwing: error)
      }
    }
  }
}
