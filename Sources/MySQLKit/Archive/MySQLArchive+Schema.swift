import SessionCore

extension MySQLArchive {
  /// Every migration, with the statements that it runs in a database which the ones before it have
  /// made: all of them make the schema in an empty one.
  ///
  /// Tables of Chainlit's are changed in place by statements that depend on what is found there;
  /// those are not told here.
  public static var migrations: [SchemaMigration] {
    Migration.all.map { migration in
      migration.listed(migration.changes.map(\.sql), makesRecord: migration.number == 1)
    }
  }

  /// Looks how the schema of the database stands, and changes nothing.
  ///
  /// - Throws: `ArchiveError` with `ArchiveError.Code.unknownSchema` for a later version.
  public func schemaStatus() async throws -> SchemaStatus {
    try await archiveErrors {
      try await client.withConnection { [schemaMode] connection in
        let version = try Migrator.version(connection)
        let schema = Schema(connection: connection)
        let missing = Migration.all.filter { $0.number > version }
        if version == 0 {
          let found = try SchemaInspection(connection).obstacles(schemaMode)
          return SchemaStatus(
            version: 0, pending: Self.migrations, obstacles: found.map(\.reason))
        }
        let pending = try missing.map { migration in
          let keys = migration.number == 5 ? try OriginalUpgrade(connection).keyRemovals() : []
          let changes = try migration.changes.filter { try !$0.isDone(in: schema) }
          return migration.listed(keys + changes.map(\.sql), makesRecord: false)
        }
        return SchemaStatus(version: version, pending: pending, obstacles: [])
      }
    }
  }
}

extension Migration {
  fileprivate func listed(_ statements: [String], makesRecord: Bool) -> SchemaMigration {
    SchemaMigration(
      number: number, name: name,
      statements: (makesRecord ? [Migration.recordTable] : []) + statements + [record])
  }
}
