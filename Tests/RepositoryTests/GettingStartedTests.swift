import TestSupport
import Testing

@Suite("Getting started")
struct GettingStartedTests {
  private let article: String
  private let program: String

  init() throws {
    article = try SourceTree.text(of: "Sources/SessionCore/SessionCore.docc/GettingStarted.md")
    program = try SourceTree.text(of: "Tests/getting-started/GettingStarted.swift")
  }

  @Test("The article shows the program that the tests compile, to the letter")
  func shown() {
    #expect(article.contains("```swift\n" + program + "```\n"))
  }

  @Test("The README shows the same program")
  func readme() throws {
    #expect(try SourceTree.text(of: "README.md").contains("```swift\n" + program + "```\n"))
  }

  @Test("The program has at most 30 lines")
  func short() {
    #expect(program.split(separator: "\n", omittingEmptySubsequences: false).count <= 31)
  }

  @Test("The program prints what the article says that it prints")
  func output() async throws {
    let printed = try await BuiltProgram.output(of: "getting-started")
    #expect(article.contains("```text\n" + printed + "```\n"))
  }
}
