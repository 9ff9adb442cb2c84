public import SessionCore

/// The archive in a MySQL or MariaDB database, in tables that Chainlit can share.
///
/// The schema is created or upgraded before the first use. A page or a window is one statement; an
/// append is one commit, which appends that come at the same time share. Any number of tasks and
/// processes may use one database.
///
/// Failures are `ArchiveError`; a cancelled call throws `CancellationError`.
public final class MySQLArchive: ConversationArchive {
  /// The name that answers are stored under.
  public let assistantName: String
  let client: MySQLClient
  let appends: AppendQueue
  /// A user with more messages is searched by the full-text index, others by reading their texts.
  let searchReadCountMax: Int
  private let isPrepared = Locked(false)
  private let preparation = SingleFlight<Int, Void>()

  /// An archive in the database of `client`.
  public convenience init(client: MySQLClient, assistantName: String = "Assistant") {
    // Reading 20,000 texts takes some 0.2 s; a word of every message takes the index 50 s among
    // 2,000,000 messages, whoever asks.
    self.init(client: client, assistantName: assistantName, searchReadCountMax: 20_000)
  }

  /// As the public one, with another limit between the two ways of searching.
  package init(
    client: MySQLClient, assistantName: String = "Assistant", searchReadCountMax: Int
  ) {
    self.client = client
    self.assistantName = assistantName
    self.searchReadCountMax = searchReadCountMax
    appends = AppendQueue(client)
  }

  /// Creates the schema, or brings it to the newest version. Does nothing when it is. Safe to run
  /// from several processes at once, and again after an interruption; done by itself before the
  /// first use.
  ///
  /// - Parameter progress: Told before each statement that may change the schema, on a thread of
  ///   the archive's.
  /// - Throws: `ArchiveError` with `ArchiveError.Code.unknownSchema` for a database of a later
  ///   version, which is left untouched.
  public func prepare(
    progress: @escaping @Sendable (SchemaProgress) -> Void = { _ in }
  ) async throws {
    if isPrepared.withLock(\.self) { return }
    try await preparation.run(0) { [client, isPrepared] in
      try await archiveErrors {
        if try await !client.withConnection(Migrator.isUpToDate) {
          try await upgrade(client.configuration, progress)
        }
        try await client.withConnection(Owner.writeDown)
      }
      isPrepared.withLock { $0 = true }
    }
  }

  /// Runs `body` on a connection, after ``prepare()``, and tells errors as the archive's.
  func run<Result: Sendable>(
    _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await run(timeLimit: client.configuration.jobTimeout, body)
  }

  /// As the one above, for very many rows.
  func runBulk<Result: Sendable>(
    _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await run(timeLimit: client.configuration.bulkTimeout, body)
  }

  private func run<Result: Sendable>(
    timeLimit: Duration, _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await prepare()
    return try await archiveErrors {
      try await client.withConnection(timeLimit: timeLimit, body)
    }
  }
}

/// Changes of large tables take longer than anything else: on a connection of their own, with a
/// limit of their own.
private func upgrade(
  _ configuration: MySQLConfiguration, _ progress: @escaping @Sendable (SchemaProgress) -> Void
) async throws {
  var configuration = configuration
  configuration.connectionCountMax = 1
  configuration.connectionCountMin = 0
  configuration.readTimeout = configuration.schemaTimeout
  configuration.jobTimeout = configuration.schemaTimeout
  let current = Locked<SchemaProgress?>(nil)
  let client = MySQLClient(configuration) { _, _ in
    let now = current.withLock { now in
      now?.statementCount += 1
      return now
    }
    if let now { progress(now) }
  }
  do {
    try await client.withConnection { connection in
      try Migrator.run(connection) { migration in
        current.withLock { $0 = SchemaProgress(migration) }
      }
    }
  } catch {
    await client.close()
    throw error
  }
  await client.close()
}

/// Runs `body`, and tells an error of the client as the archive's.
func archiveErrors<Result>(_ body: () async throws -> Result) async throws -> Result {
  do {
    return try await body()
  } catch let error as MySQLError {
    throw ArchiveError(error)
  }
}

extension ArchiveError {
  /// What a failure of the client means to the archive's user.
  init(_ error: MySQLError) {
    let code: Code =
      switch error.code {
      case .tooLarge: .tooLarge
      case .refused where error.errno == dataTooLong: .tooLarge
      case .accessDenied, .refused, .duplicateKey, .unexpectedValue, .invalidConfiguration:
        .refused
      default: .unavailable
      }
    self.init(code: code, reason: error.description, mayHaveActed: error.mayHaveActed)
  }
}

private let dataTooLong: UInt32 = 1406

extension ArchiveError {
  static let notFound = ArchiveError(code: .notFound, reason: "no such conversation")
  static let idTaken = ArchiveError(
    code: .idTaken, reason: "the id of the message is used in another conversation")
}
