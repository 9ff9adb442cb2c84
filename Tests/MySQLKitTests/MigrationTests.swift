import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("The schema", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MigrationTests {
  @Test("A6 is made by several programs at once, each of which can use it then")
  func together() async throws {
    try await TestDatabase.with { database in
      let clients = (0..<5).map { _ in MySQLClient(database.configuration) }
      let user = try UserID("Awa")
      try await withThrowingTaskGroup(of: Void.self) { group in
        for client in clients {
          group.addTask {
            let archive = MySQLArchive(client: client)
            let message = Message(
              id: .generate(), role: .user, content: "x", createdAt: .now())
            _ = try await archive.append(message, to: .generate(), of: user)
          }
        }
        try await group.waitForAll()
      }
      let archive = MySQLArchive(client: database.client)
      #expect(try await archive.threads(of: user, page: PageRequest()).elements.count == 5)
      for client in clients { await client.close() }
    }
  }

  @Test("A6 tells how far it is, migration by migration, and nothing when there is none to run")
  func progress() async throws {
    try await TestDatabase.with { database in
      let told = Locked<[SchemaProgress]>([])
      try await MySQLArchive(client: database.client).prepare { step in
        told.withLock { $0.append(step) }
      }
      let steps = told.withLock(\.self)
      let last = try #require(steps.last)
      #expect(Set(steps.map(\.migration)) == Set(1...last.lastMigration))
      #expect(steps.map(\.migration) == steps.map(\.migration).sorted())
      for (before, after) in zip(steps, steps.dropFirst()) {
        let isNext = after.migration == before.migration + 1
        #expect(after.statementCount == (isNext ? 1 : before.statementCount + 1))
      }
      try await MySQLArchive(client: database.client).prepare { step in
        Issue.record("told of \(step)")
      }
    }
  }

  @Test("A6 is left as it is when it is made again")
  func again() async throws {
    try await TestDatabase.with { database in
      try await MySQLArchive(client: database.client).prepare()
      let before = try await database.shape()
      #expect(!before.isEmpty)
      try await MySQLArchive(client: database.client).prepare()
      #expect(try await database.shape() == before)
    }
  }

  @Test("A6 of a later version is refused and left untouched")
  func later() async throws {
    try await TestDatabase.with { database in
      try await MySQLArchive(client: database.client).prepare()
      try await database.client.execute(
        "INSERT INTO schema_migration VALUES (9999, 'of the future', '2030-01-01')")
      try await database.client.execute("DROP TABLE Feedback")
      let before = try await database.shape()
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let error = await #expect(throws: ArchiveError.self) {
        _ = try await archive.threads(of: user, page: PageRequest())
      }
      #expect(error?.code == .unknownSchema)
      #expect(error?.mayHaveActed == false)
      #expect(try await database.shape() == before)
    }
  }

  @Test("A server that is away is told as unavailable")
  func away() async throws {
    try await TestDatabase.with { database in
      var configuration = database.configuration
      configuration.address = .host("127.0.0.1", port: 1)
      let client = MySQLClient(configuration)
      let archive = MySQLArchive(client: client)
      let user = try UserID("Awa")
      let error = await #expect(throws: ArchiveError.self) {
        _ = try await archive.append(
          Message(id: .generate(), role: .user, content: "x", createdAt: .now()),
          to: .generate(), of: user)
      }
      #expect(error?.code == .unavailable)
      #expect(error?.mayHaveActed == false)
      await client.close()
    }
  }
}
