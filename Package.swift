// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("InferIsolatedConformances"),
  .enableUpcomingFeature("InternalImportsByDefault"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
]

// The system libraries name no pkg-config file: their headers stand on the default search path, and
// hiredis's file holds flags that SwiftPM prints a warning about on every build.
let package = Package(
  name: "session-memory",
  platforms: [.macOS(.v15)],
  products: [
    .library(name: "SessionCore", targets: ["SessionCore"]),
    .library(name: "RedisKit", targets: ["RedisKit"]),
    .library(name: "MySQLKit", targets: ["MySQLKit"]),
    .library(name: "LLMKit", targets: ["LLMKit"]),
    .library(name: "SessionCoreTesting", targets: ["SessionCoreTesting"]),
    .library(name: "FakeGemini", targets: ["FakeGemini"]),
    .library(name: "FakeLangfuse", targets: ["FakeLangfuse"]),
    .library(name: "FakeOpenAI", targets: ["FakeOpenAI"]),
    .executable(name: "chat-cli", targets: ["chat-cli"]),
  ],
  targets: [
    .systemLibrary(name: "CHiredis", providers: [.apt(["libhiredis-dev"]), .brew(["hiredis"])]),
    .systemLibrary(
      name: "CMariaDB", providers: [.apt(["libmariadb-dev"]), .brew(["mariadb-connector-c"])]),
    .systemLibrary(name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"]), .brew(["curl"])]),

    .target(name: "SessionCore", swiftSettings: strict),
    .target(
      name: "RedisKit", dependencies: ["SessionCore", "CHiredis", "CCurl"], swiftSettings: strict),
    .target(name: "MySQLKit", dependencies: ["SessionCore", "CMariaDB"], swiftSettings: strict),
    .target(name: "LLMKit", dependencies: ["SessionCore", "CCurl"], swiftSettings: strict),
    .target(name: "TerminalKit", dependencies: ["SessionCore"], swiftSettings: strict),
    .executableTarget(
      name: "chat-cli",
      dependencies: ["SessionCore", "RedisKit", "MySQLKit", "LLMKit", "TerminalKit"],
      swiftSettings: strict),

    .target(name: "SessionCoreTesting", dependencies: ["SessionCore"], swiftSettings: strict),

    .target(
      name: "TestSupport", dependencies: ["SessionCore", "SessionCoreTesting"],
      path: "Tests/TestSupport",
      swiftSettings: strict),
    .target(
      name: "FakeHTTP", dependencies: ["SessionCore"], path: "Tests/FakeHTTP",
      swiftSettings: strict),
    .target(
      name: "FakeGemini", dependencies: ["SessionCore", "FakeHTTP"], path: "Tests/FakeGemini",
      swiftSettings: strict),
    .target(
      name: "FakeLangfuse", dependencies: ["SessionCore", "FakeHTTP"], path: "Tests/FakeLangfuse",
      swiftSettings: strict),
    .target(
      name: "FakeOpenAI", dependencies: ["SessionCore", "FakeHTTP"], path: "Tests/FakeOpenAI",
      swiftSettings: strict),
    .executableTarget(
      name: "fake-gemini", dependencies: ["SessionCore", "FakeHTTP", "FakeGemini"],
      path: "Tests/fake-gemini",
      swiftSettings: strict),
    .target(
      name: "RawClient", dependencies: ["SessionCore"], path: "Tests/RawClient",
      swiftSettings: strict),
    .testTarget(
      name: "FakeGeminiTests",
      dependencies: [
        "SessionCore", "FakeHTTP", "FakeGemini", "fake-gemini", "RawClient", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "FakeLangfuseTests",
      dependencies: ["SessionCore", "FakeHTTP", "FakeLangfuse", "RawClient", "TestSupport"],
      swiftSettings: strict),
    .executableTarget(
      name: "getting-started", dependencies: ["SessionCore"], path: "Tests/getting-started",
      swiftSettings: strict),
    .executableTarget(
      name: "tool-turn", dependencies: ["SessionCore", "RedisKit", "MySQLKit", "LLMKit"],
      path: "Tests/tool-turn", swiftSettings: strict),
    .testTarget(
      name: "RepositoryTests",
      dependencies: [
        "SessionCore", "RedisKit", "MySQLKit", "LLMKit", "SessionCoreTesting", "TestSupport",
        "getting-started",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "FakeOpenAITests",
      dependencies: ["SessionCore", "FakeHTTP", "FakeOpenAI", "RawClient", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "SessionCoreTests", dependencies: ["SessionCore", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "RedisKitTests", dependencies: ["RedisKit", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "MySQLKitTests", dependencies: ["MySQLKit", "TestSupport"], swiftSettings: strict),
    .testTarget(
      name: "LLMKitTests",
      dependencies: [
        "LLMKit", "FakeHTTP", "FakeGemini", "FakeLangfuse", "FakeOpenAI", "TestSupport",
      ],
      swiftSettings: strict),
    .testTarget(
      name: "TerminalKitTests", dependencies: ["TerminalKit", "TestSupport"],
      swiftSettings: strict),
    .testTarget(
      name: "ChatCLITests",
      dependencies: [
        "chat-cli", "tool-turn", "LLMKit", "RedisKit", "MySQLKit", "TerminalKit", "FakeHTTP",
        "FakeGemini", "FakeLangfuse", "FakeOpenAI", "TestSupport",
      ],
      swiftSettings: strict),
  ]
)
