import FakeGemini
import RawClient
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

@Suite("The program fake-gemini", .timeLimit(.minutes(5)))
struct FakeGeminiProgramTests {
  private static let flash = GeminiBench.target("gemini-2.5-flash")

  private func post(_ url: String, _ request: [UInt8]) async throws -> RawResponse {
    let port = try #require(UInt16(url.drop { $0 != ":" }.dropFirst("://127.0.0.1:".count)))
    let connection = try RawConnection(port: port)
    try await connection.send(request)
    return try await connection.response()
  }

  @Test("Its first line is where it answers; SIGTERM ends it well")
  func runs() async throws {
    let child = try ChildProcess("fake-gemini", ["--key", "one", "--key", "two"])
    let url = try await child.firstLine()
    #expect(url.hasPrefix("http://127.0.0.1:"))
    #expect(try await post(url, GeminiBench.request(Self.flash, key: "two")).status == 200)
    #expect(try await post(url, GeminiBench.request(Self.flash)).status == 400)
    child.terminate()
    let end = try await child.end()
    #expect(end == (0, "", ""))
  }

  @Test("The end of its input ends it")
  func endOfInput() async throws {
    let child = try ChildProcess("fake-gemini", [])
    _ = try await child.firstLine()
    child.closeInput()
    #expect(try await child.end().status == 0)
  }

  @Test(
    "Scenarios in order, the last one for good; a model may have its own; the journal as a file")
  func scenarios() async throws {
    let path = "/tmp/fake-gemini-\(UUID()).jsonl"
    defer { try? FileManager.default.removeItem(atPath: path) }
    let child = try ChildProcess(
      "fake-gemini",
      [
        "--scenario", "overloaded,slow-first-byte", "--scenario", "gemini-2.5-pro=quota-day",
        "--stall", "1", "--journal", path,
      ])
    let url = try await child.firstLine()
    #expect(try await post(url, GeminiBench.request(Self.flash)).status == 503)
    #expect(try await post(url, GeminiBench.request(Self.flash)).status == 200)
    #expect(try await post(url, GeminiBench.request(Self.flash)).status == 200)
    let pro = GeminiBench.request(GeminiBench.target("gemini-2.5-pro"))
    #expect(try await post(url, pro).status == 429)
    child.closeInput()
    #expect(try await child.end().status == 0)

    let text = try #require(FileManager.default.contents(atPath: path))
    let lines = try String(decoding: text, as: UTF8.self).split(separator: "\n").map {
      try JSONDecoder().decode(Line.self, from: Data($0.utf8))
    }
    // A client may have an answer before its end is written.
    for number in 1...4 {
      #expect(lines.filter { $0.number == number }.map(\.event) == ["request", "end"])
    }
    let ends = lines.filter { $0.event == "end" }.sorted { $0.number < $1.number }
    #expect(ends.map(\.status) == [503, 200, 200, 429])
    #expect(lines[0].headers?["x-goog-api-key"] == "***")
    #expect(lines[0].target == Self.flash)
    #expect(ends.allSatisfy { $0.ending == "answered" })
    #expect(!text.contains(Data("test-key".utf8)))
    let attributes = try FileManager.default.attributesOfItem(atPath: path)
    #expect("\(attributes[.posixPermissions] ?? "unknown")" == "\(0o600)")
  }

  private struct Line: Decodable {
    let event: String
    let number: Int
    let target: String?
    let headers: [String: String]?
    let status: Int?
    let ending: String?
  }

  @Test(
    "A mistake on the command line is named, and the exit status is 2",
    arguments: [
      (["--port", "x"], "--port: x is not a number from 0 to 65535"),
      (["--port"], "--port needs a value"), (["--nope"], "unknown option --nope"),
      (["--scenario", "ok,nope"], "--scenario: there is no nope; --help lists the names"),
      (["--stall", "-1"], "--stall: -1 is not a number of milliseconds"),
      (["--key", ""], "--key: a key is not empty"),
    ])
  func mistakes(words: [String], complaint: String) async throws {
    let end = try await ChildProcess("fake-gemini", words).end()
    #expect(end.status == 2)
    #expect(end.output.isEmpty)
    #expect(end.errors.hasPrefix("fake-gemini: \(complaint)\nusage: fake-gemini "))
  }

  @Test("--help lists every scenario; a journal that cannot be written is an error")
  func helpAndFailure() async throws {
    let help = try await ChildProcess("fake-gemini", ["--help"]).end()
    #expect(help.status == 0)
    #expect(Scenario.all.allSatisfy { help.output.contains(" \($0.name) ") })
    let failure = try await ChildProcess("fake-gemini", ["--journal", "/nowhere/file"]).end()
    #expect(failure.status == 1)
    #expect(failure.errors == "fake-gemini: /nowhere/file: No such file or directory\n")
  }
}
