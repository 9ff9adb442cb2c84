import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("The schema", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MigrationTests {
  /// Every column and index of a database, as text.
  private func shape(_ database: TestDatabase) async throws -> [String] {
    let columns = try await database.client.query(
      """
      SELECT CONCAT_WS(' ', table_name, column_name, column_type, is_nullable,
        COALESCE(column_default, '-'), COALESCE(collation_name, '-'), extra)
      FROM information_schema.columns WHERE table_schema = DATABASE() ORDER BY 1
      """)
    let indexes = try await database.client.query(
      """
      SELECT CONCAT_WS(' ', table_name, index_name, seq_in_index, column_name, non_unique)
      FROM information_schema.statistics WHERE table_schema = DATABASE() ORDER BY 1
      """)
    return try columns.map { try $0.text(0) } + indexes.map { try $0.text(0) }
  }

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

  @Test("A6 is left as it is when it is made again")
  func again() async throws {
    try await TestDatabase.with { database in
      try await MySQLArchive(client: database.client).prepare()
      let before = try await shape(database)
      #expect(!before.isEmpty)
      try await MySQLArchive(client: database.client).prepare()
      #expect(try await shape(database) == before)
    }
  }

  @Test("A6 of a later version is refused and left untouched")
  func later() async throws {
    try await TestDatabase.with { database in
      try await MySQLArchive(client: database.client).prepare()
      try await database.client.execute(
        "INSERT INTO schema_migration VALUES (9999, 'of the future', '2030-01-01')")
      try await database.client.execute("DROP TABLE Feedback")
      let before = try await shape(database)
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      let error = await #expect(throws: ArchiveError.self) {
        _ = try await archive.threads(of: user, page: PageRequest())
      }
      #expect(error?.code == .unknownSchema)
      #expect(error?.mayHaveActed == false)
      #expect(try await shape(database) == before)
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
