// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "chat",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "session-memory", path: "../..")],
  targets: [
    .executableTarget(
      name: "chat",
      dependencies: [
        .product(name: "SessionCore", package: "session-memory"),
        .product(name: "RedisKit", package: "session-memory"),
        .product(name: "MySQLKit", package: "session-memory"),
      ])
  ],
  swiftLanguageModes: [.v6]
)
