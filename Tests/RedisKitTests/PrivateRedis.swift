import Foundation
import SessionCore
import TestSupport

@testable import RedisKit

/// A Redis server of one test's own, for what must not happen to the shared one: it can be killed,
/// filled and misconfigured.
final class PrivateRedis: Sendable {
  let directory: URL
  let port: UInt16
  private let options: [String]
  private let speaksTLS: Bool
  private let process = Locked<ServerProcess?>(nil)

  /// Starts a server with `options` (`--name value`), and waits until it listens. With
  /// `speaksTLS` its port takes nothing but TLS.
  init(_ options: [String] = [], speaksTLS: Bool = false) async throws {
    self.speaksTLS = speaksTLS
    directory = FileManager.default.temporaryDirectory.appendingPathComponent(
      "redis-\(UUID().uuidString.prefix(8))")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    self.options = options
    // Another process may take the port between finding and using it: then another is tried.
    var found: UInt16?
    for _ in 1...5 where found == nil {
      // Below the ports that systems give to connections, which a server that is down could lose.
      let candidate = UInt16.random(in: 10_000..<20_000)
      if try await Self.launch(directory, candidate, speaksTLS, options, process) {
        found = candidate
      }
    }
    guard let found else { throw CocoaError(.executableNotLoadable) }
    port = found
  }

  deinit {
    // Freed before the directory is removed, it has ended.
    process.withLock { $0 = nil }
    try? FileManager.default.removeItem(at: directory)
  }

  /// The path of the server's Unix socket.
  var socketPath: String { directory.appendingPathComponent("s").path }

  /// Makes a directory beside the server's files.
  func makeDirectory(_ name: String) throws {
    try FileManager.default.createDirectory(
      at: directory.appendingPathComponent(name), withIntermediateDirectories: true)
  }

  /// A configuration of a client of this server.
  var configuration: RedisConfiguration {
    var configuration = RedisConfiguration(address: .tcp(host: "127.0.0.1", port: port))
    configuration.reconnectPauseMax = .milliseconds(4)
    configuration.connectTimeout = .seconds(30)
    configuration.commandTimeout = .seconds(30)
    return configuration
  }

  /// Ends the server at once, as a crash does, and waits until it is gone.
  func kill() async {
    await process.withLock { $0.take() }?.kill()
  }

  /// Starts the server again on the same port, and waits until it listens; `options` are added.
  func restart(_ options: [String] = []) async throws {
    for _ in 1...20
    where try await Self.launch(directory, port, speaksTLS, self.options + options, process) {
      return
    }
    throw CocoaError(.executableNotLoadable)
  }

  /// False: the server ended before it listened.
  private static func launch(
    _ directory: URL, _ port: UInt16, _ speaksTLS: Bool, _ options: [String],
    _ running: Locked<ServerProcess?>
  ) async throws -> Bool {
    let arguments =
      [
        "--port", speaksTLS ? "0" : String(port), "--tls-port",
        speaksTLS ? String(port) : "0", "--bind", "127.0.0.1", "--dir", directory.path,
        "--save", "", "--unixsocket", directory.appendingPathComponent("s").path,
      ] + options
    do {
      let started = try await ServerProcess.start(
        "redis-server", arguments, upWhenSays: "Server initialized")
      running.withLock { $0 = started }
      return true
    } catch is ServerProcess.Ended {
      return false
    }
  }
}

/// Lets the processes of other tests go first. For the many that one test starts.
func yieldToOtherProcesses() { _ = nice(5) }
