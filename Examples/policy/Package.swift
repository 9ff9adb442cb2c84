// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "policy",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "session-memory", path: "../..")],
  targets: [
    .executableTarget(
      name: "policy",
      dependencies: [.product(name: "SessionCore", package: "session-memory")])
  ],
  swiftLanguageModes: [.v6]
)
