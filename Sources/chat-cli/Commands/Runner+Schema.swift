import MySQLKit
import SessionCore

extension Runner {
  /// The migrations as SQL, or how the schema of the database stands. Changes nothing; exit code 1
  /// when something is to do.
  func schema() async throws -> ExitCode {
    if settings.printsSchema {
      for migration in MySQLArchive.migrations { try await show(migration) }
      return .done
    }
    let status = try await database().schemaStatus()
    let language = settings.language
    if settings.isJSON {
      try await console.answerLine(JSONLine.of(SchemaObject(status)))
    } else {
      try await console.answerLine(
        language("Schéma : version \(status.version)", "Schema: version \(status.version)"))
      for obstacle in status.obstacles { try await console.answerLine("❌ \(obstacle)") }
      for migration in status.pending { try await show(migration) }
      if status.pending.isEmpty {
        try await console.answerLine(language("✅ rien à faire", "✅ nothing to do"))
      }
    }
    return status.pending.isEmpty ? .done : .failed
  }

  /// Gives a user the threads that belong to nobody, or counts them.
  func adopt(by user: UserID) async throws {
    _ = try database()
    let service = try await connect(.archive).service
    let counts = try await service.adopt(by: user, dryRun: settings.isDryRun)
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(
          AdoptionObject(
            user: user.name, dryRun: settings.isDryRun, threads: counts.threads,
            messages: counts.messages)))
      return
    }
    let size = settings.language(
      "\(counts.threads) discussions, \(counts.messages) messages",
      "\(counts.threads) threads, \(counts.messages) messages")
    await console.note(
      settings.isDryRun
        ? settings.language("Ne sont à personne : \(size)", "Belong to nobody: \(size)")
        : settings.language("Donnés à \(user.name) : \(size)", "Given to \(user.name): \(size)"))
  }

  private func database() throws -> MySQLArchive {
    guard let mysql = wiring.mysql else {
      throw UsageError(
        "aucune base de données : --mysql ou DATABASE_URL", "no database: --mysql or DATABASE_URL")
    }
    return MySQLArchive(client: mysql)
  }

  private func show(_ migration: SchemaMigration) async throws {
    if settings.isJSON {
      try await console.answerLine(JSONLine.of(MigrationObject(migration)))
      return
    }
    try await console.answerLine("-- \(migration.number): \(migration.name)")
    for statement in migration.statements { try await console.answerLine(statement + ";") }
  }
}

/// How the schema stands.
private struct SchemaObject: Encodable {
  let version: Int
  let pending: [MigrationObject]
  let obstacles: [String]

  init(_ status: SchemaStatus) {
    version = status.version
    pending = status.pending.map(MigrationObject.init)
    obstacles = status.obstacles
  }
}

/// One migration.
private struct MigrationObject: Encodable {
  let number: Int
  let name: String
  let statements: [String]

  init(_ migration: SchemaMigration) {
    number = migration.number
    name = migration.name
    statements = migration.statements
  }
}

/// Threads that were given to a user, or would be.
private struct AdoptionObject: Encodable {
  let user: String
  let dryRun: Bool
  let threads: Int
  let messages: Int
}
