import Foundation
import SessionCore
import TestSupport

@testable import RedisKit

/// The order in which a server carried out the scripts of the workers, as `redis-cli monitor` saw
/// it.
final class OrderOfCommands: Sendable {
  private static let endMark = "end-of-the-test"

  private let process: SpawnedProcess
  private let log: String

  /// Starts watching, and waits until the server has said that it does.
  init(port: UInt16, log: String) async throws {
    self.log = log
    // It must be there when it is first read, which may be before the program has made it.
    _ = FileManager.default.createFile(atPath: log, contents: nil)
    process = try SpawnedProcess("redis-cli", ["-p", String(port), "monitor"], output: .file(log))
    while try !text().contains("OK") { await Task.yield() }
  }

  /// Stops watching after everything that was done so far, and returns the number of the worker of
  /// each script call.
  func end(markedBy client: RedisClient) async throws -> [Int] {
    _ = try await client.send(RedisCommand("ECHO", .text(Self.endMark)))
    while try !tail().contains(Self.endMark) { await Task.yield() }
    process.kill()
    var workers: [Substring: Int] = [:]
    var order: [Int] = []
    for line in try text().split(separator: "\n") {
      // 1795390000.123456 [0 127.0.0.1:40000] "EVALSHA" "…
      guard let start = line.firstIndex(of: "["), let end = line.firstIndex(of: "]") else {
        continue
      }
      let source = line[start..<end]
      if source.hasSuffix("lua") { continue }
      let command = line[end...].dropFirst(2)
      if command.hasPrefix("\"CLIENT\" \"SETNAME\" \"worker-") {
        workers[source] = Int(command.split(separator: "-").last?.dropLast() ?? "")
      } else if command.hasPrefix("\"EVALSHA\""), let worker = workers[source] {
        order.append(worker)
      }
    }
    return order
  }

  private func text() throws -> String {
    String(decoding: try Data(contentsOf: URL(fileURLWithPath: log)), as: UTF8.self)
  }

  private func tail() throws -> String {
    let file = try FileHandle(forReadingFrom: URL(fileURLWithPath: log))
    let size = try file.seekToEnd()
    try file.seek(toOffset: size > 4096 ? size - 4096 : 0)
    return String(decoding: try file.readToEnd() ?? Data(), as: UTF8.self)
  }
}
