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

// A package of its own, so that nothing of it is in the graph of those who use the libraries.
let package = Package(
  name: "session-memory-benchmarks",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "session-memory", path: "../..")],
  targets: [
    .target(name: "BenchRandom", swiftSettings: strict),
    .target(
      name: "TableBench",
      dependencies: ["BenchRandom", .product(name: "SessionCore", package: "session-memory")],
      swiftSettings: strict),
    .executableTarget(
      name: "session-bench",
      dependencies: [
        "BenchRandom", "TableBench",
        .product(name: "SessionCore", package: "session-memory"),
        .product(name: "RedisKit", package: "session-memory"),
        .product(name: "MySQLKit", package: "session-memory"),
        .product(name: "LLMKit", package: "session-memory"),
        .product(name: "FakeLangfuse", package: "session-memory"),
      ],
      swiftSettings: strict),
  ]
)
