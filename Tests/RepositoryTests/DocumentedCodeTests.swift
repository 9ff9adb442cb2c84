import TestSupport
import Testing

/// Compiles the Swift blocks of the README, of Docs and of the DocC catalogues, all in one run of
/// the compiler, against the modules that the tests use.
@Suite("The code in the documents")
struct DocumentedCodeTests {
  /// A block, and where it stands.
  private struct Block {
    let path: String
    let line: Int
    let info: Substring
    let code: [Substring]

    /// A block of types and functions stands as it is; statements go into a function.
    var isDeclarations: Bool {
      let words = ["struct ", "final class ", "actor ", "enum ", "protocol ", "func ", "@"]
      let first = code.first {
        !$0.isEmpty && !$0.contains("import ") && !$0.hasPrefix("//")
      }
      return words.contains { first?.hasPrefix($0) == true }
    }
  }

  /// Names that statements of a catalogue may use without declaring them.
  private static let surroundings = [
    "Sources/LLMKit/": """
    key: String, sessions: any SessionStore,
    archive: any CompleteArchive, user: UserID,
    conversation: ConversationID, links: [FallbackResponder.Link],
    availability: any ModelAvailability, tracer: Tracer, feedbackID: String, answer: Message
    """,
    "Sources/MySQLKit/": "client: MySQLClient",
    "Sources/RedisKit/": """
    client: RedisClient, configuration: RedisConfiguration, keys: [String], user: String,
    message: Message, previous: MessageID?, conversation: ConversationID
    """,
    "Sources/SessionCore/": """
    store: any SessionStore, archive: any ConversationArchive, responder: any Responder,
    path: String, service: ChatService
    """,
    "Sources/SessionCoreTesting/": "path: String, user: UserID",
  ]

  private let blocks: [Block]

  init() throws {
    var files = try SourceTree.files(in: ["Docs", "Sources"], suffix: ".md")
    files.append(try SourceTree.File(path: "README.md"))
    blocks = files.flatMap { file in
      var blocks: [Block] = []
      var start: Int?
      for (index, line) in file.lines.enumerated() where line.hasPrefix("```") {
        if let opening = start {
          blocks.append(
            Block(
              path: file.path, line: opening + 2, info: file.lines[opening].dropFirst(3),
              code: Array(file.lines[(opening + 1)..<index])))
          start = nil
        } else {
          start = index
        }
      }
      return blocks.filter { $0.info.hasPrefix("swift") }
    }
    try #require(blocks.count > 20, "the blocks were found")
  }

  @Test("A Swift block says nothing beside its language")
  func marks() {
    #expect(blocks.filter { $0.info != "swift" }.map { "\($0.path):\($0.line)" } == [])
  }

  @Test("Every Swift block compiles, in Swift 6 and without further settings")
  func compiles() async throws {
    let directory = try TemporaryDirectory()
    var source = ""
    var imports: Set<Substring> = [
      "import LLMKit", "import MySQLKit", "import RedisKit", "import SessionCore",
    ]
    for (number, block) in blocks.enumerated() {
      imports.formUnion(block.code.filter { $0.contains("import ") && !$0.hasPrefix(" ") })
      let code = block.code.map { line in
        line == "@main" || imports.contains(line) ? "" : String(line)
      }
      let parameters = Self.surroundings.first { block.path.hasPrefix($0.key) }?.value ?? ""
      let (head, tail) =
        block.isDeclarations ? ("", "") : ("func statements(\(parameters)) async throws {", "}")
      source += """
        struct Block\(number) { \(head)
        #sourceLocation(file: "\(block.path)", line: \(block.line))
        \(code.joined(separator: "\n"))
        #sourceLocation()
        \(tail) }

        """
    }
    source = imports.sorted().joined(separator: "\n") + "\n" + source
    try directory.write(source.utf8, to: "documents.swift")
    let systemModules = ["CHiredis", "CMariaDB", "CCurl"].flatMap {
      ["-I", SourceTree.root + "/Sources/" + $0]
    }
    let report = try await SpawnedProcess.output(
      of: "/bin/sh",
      [
        "-c",
        """
        resources=$(swiftc -print-target-info \
          | sed -n 's/.*"runtimeResourcePath": "\\(.*\\)".*/\\1/p')
        swiftc "$@" -plugin-path "$resources/host/plugins/testing" && echo compiled
        """, "swiftc", "-typecheck", "-parse-as-library", "-suppress-warnings", "-swift-version",
        "6",
        "-I", BuiltProgram.path(of: "Modules"), directory.file("documents.swift"),
      ] + systemModules, errors: .pipe)
    #expect(report == "compiled\n")
  }
}
