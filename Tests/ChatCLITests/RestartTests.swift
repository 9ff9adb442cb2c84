import SessionCore
import TestSupport
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite(
  "A restart of both servers", .enabled(if: Servers.hasRedis && Servers.hasDatabase),
  .timeLimit(.minutes(2)))
struct RestartTests {
  /// `servers.sh` of this repository, and servers that only this test uses.
  private func servers(_ command: String, _ directory: String) async throws {
    let here = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    let script = here.deletingLastPathComponent().appending(path: "Scripts/servers.sh").path
    _ = try await Tool.run("/bin/bash", [script, command, directory])
  }

  private func environment(_ directory: String) throws -> [String: String] {
    let text = try String(contentsOf: URL(fileURLWithPath: "\(directory)/env"), encoding: .utf8)
    let pairs = text.split(separator: "\n").map { $0.split(separator: "=", maxSplits: 1) }
    return Dictionary(uniqueKeysWithValues: pairs.map { (String($0[0]), String($0[1])) })
  }

  @Test("After flushall and a restart every message is there, and the next turn has its context")
  func restart() async throws {
    let id = "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"
    var program = try ChatProgram()
    defer { program.cleanUp() }
    let directory = "\(program.directory)/servers"
    do {
      try await servers("start", directory)
      program.environment = try environment(directory)
      _ = try await program.run("--session", id, input: "Première\nDeuxième\n")
      let redis = try ServerAddress(try #require(program.environment["REDIS_URL"]))
      _ = try await Tool.run(
        "/usr/bin/redis-cli", ["-h", redis.host, "-p", redis.port, "flushall"],
        environment: ["REDISCLI_AUTH": redis.password])
      try await servers("stop", directory)
      let away = try await program.run("ask", "Bonjour")
      #expect(away.code == 3)
      try await servers("start", directory)
      program.environment = try environment(directory)
      let shown = try await program.run("show", id, "--json")
      let lines = shown.output.split(separator: "\n")
      #expect(lines.count == 4)
      #expect(lines.first?.contains("\"content\":\"Première\"") == true)
      #expect(lines.dropFirst(2).first?.contains("\"content\":\"Deuxième\"") == true)
      let next = try await program.run("--session", id, input: "Troisième\nhistorique\n")
      #expect(next.code == 0)
      #expect(next.errors.hasPrefix("↩️ Session \(id) rechargée depuis l'archive (5 messages)\n"))
      #expect(next.output.contains("- Messages : 6\n"))
    } catch {
      try? await servers("stop", directory)
      throw error
    }
    try await servers("stop", directory)
  }
}
