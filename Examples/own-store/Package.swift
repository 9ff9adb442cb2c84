// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "own-store",
  platforms: [.macOS(.v15)],
  dependencies: [.package(name: "session-memory", path: "../..")],
  targets: [
    .target(
      name: "OwnStore",
      dependencies: [.product(name: "SessionCore", package: "session-memory")]),
    .testTarget(
      name: "OwnStoreTests",
      dependencies: [
        "OwnStore",
        .product(name: "SessionCoreTesting", package: "session-memory"),
      ]),
  ],
  swiftLanguageModes: [.v6]
)
