import SessionCore
import TestSupport
import Testing

@Suite("The sources are tidy")
struct TidyTests {
  private let swift: [SourceTree.File]

  init() throws {
    swift = try SourceTree.files(in: ["Sources", "Tests"], suffix: ".swift")
    try #require(swift.count > 50, "the sources were found")
  }

  /// Lines for which `isWrong` holds, as `path:line: text`.
  private func lines(
    in folder: String = "", where isWrong: (SourceTree.File, Int, Substring) -> Bool
  ) -> [String] {
    swift.filter { $0.path.hasPrefix(folder) }.flatMap { file in
      file.lines.enumerated().compactMap { index, line in
        isWrong(file, index, line) ? "\(file.path):\(index + 1): \(line)" : nil
      }
    }
  }

  @Test("The C libraries are imported in a folder named CBoundary, and nowhere else")
  func boundary() {
    let modules = ["CHiredis", "CMariaDB", "CCurl"]
    let wrong = lines { file, _, line in
      line.contains("import ") && modules.contains { line.hasSuffix("import " + $0) }
        && !file.path.contains("/CBoundary/")
    }
    #expect(wrong == [])
  }

  @Test("No kit imports another kit, and SessionCore imports none of them")
  func layers() {
    let kits = ["RedisKit", "MySQLKit", "LLMKit"]
    let wrong = lines(in: "Sources/") { file, _, line in
      guard !file.path.hasPrefix("Sources/chat-cli/"), !file.path.contains(".docc/") else {
        return false
      }
      return kits.contains { line.hasSuffix("import " + $0) }
    }
    #expect(wrong == [])
  }

  @Test("TerminalKit knows no chat: of SessionCore it takes the lock and the thread")
  func terminal() {
    let names = [
      "ChatService", "ConversationID", "SessionStore", "ConversationArchive", "Responder", "UserID",
      "TurnEvent",
    ]
    let wrong = lines(in: "Sources/TerminalKit/") { _, _, line in
      names.contains { line.contains($0) }
    }
    #expect(wrong == [])
  }

  @Test("The package depends on no other package")
  func dependencies() throws {
    let manifest = try SourceTree.text(of: "Package.swift")
    #expect(!manifest.contains(".package("))
  }

  @Test("No test sleeps: it waits for an event, or moves a clock")
  func sleepless() {
    let calls = ["Task.sleep", " sleep(", "usleep(", "nanosleep(", "Thread.sleep"]
    let wrong = lines(in: "Tests/") { file, _, line in
      !file.path.hasSuffix("/TidyTests.swift") && !line.contains("func sleep(")
        && calls.contains { line.contains($0) }
    }
    #expect(wrong == [])
  }

  @Test("Every unchecked Sendable says, beside it, what protects it")
  func unchecked() {
    let wrong = lines { file, index, line in
      guard line.contains("@unchecked Sendable"), !isComment(line),
        !file.path.hasSuffix("/TidyTests.swift")
      else { return false }
      let lines = file.lines
      let after = lines[index...].first { $0.hasSuffix("{") }.flatMap { _ in
        lines[min(index + 1, lines.count - 1)]
      }
      return !isComment(lines[max(index - 1, 0)]) && !isComment(after ?? "")
    }
    #expect(wrong == [])
  }

  private func isComment(_ line: Substring) -> Bool {
    line.drop { $0 == " " }.hasPrefix("//")
  }

  @Test("No comment is longer than 100 columns; the formatter sees to the code")
  func columns() {
    #expect(lines { _, _, line in line.count > 100 && isComment(line) } == [])
  }

  @Test("No file is longer than 400 lines")
  func fileLength() {
    let wrong = swift.filter { $0.lines.count > 401 }.map { "\($0.path): \($0.lines.count) lines" }
    #expect(wrong == [])
  }

  @Test("The newest heading of the changelog is the version of the package")
  func version() throws {
    let changelog = try SourceTree.text(of: "CHANGELOG.md")
    let heading = changelog.split(separator: "\n").first { $0.hasPrefix("## ") }
    #expect(heading?.split(separator: " ").dropFirst().first == PackageVersion.current[...])
  }

  @Test("Nothing is left to be done later")
  func leftovers() {
    let marks = ["TODO", "FIXME", "XXX", "HACK"]
    let wrong = lines { file, _, line in
      !file.path.hasSuffix("/TidyTests.swift") && marks.contains { line.contains($0) }
    }
    #expect(wrong == [])
  }
}
