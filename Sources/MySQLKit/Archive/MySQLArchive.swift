public import SessionCore

/// The archive in a MySQL or MariaDB database, in tables that Chainlit can share.
///
/// The schema is created or upgraded before the first use; a read writes nothing beside that, and
/// needs no more than `SELECT`. A page or a window is one statement; an
/// append is one commit, which appends that come at the same time share. Any number of tasks and
/// processes may use one database.
///
/// Failures are `ArchiveError`; a cancelled call throws `CancellationError`.
public final class MySQLArchive: CompleteArchive {
  /// The name that answers are stored under.
  public let assistantName: String
  /// What the archive may do to the schema.
  public let schemaMode: SchemaMode
  let client: MySQLClient
  let appends: AppendQueue
  /// The texts that a search reads at a time.
  let searchReadCountMax: Int
  private let readiness = Locked(Readiness.none)
  private let preparation = SingleFlight<Readiness, Void>()

  private enum Readiness: Int { case none, forReading, forWriting }

  /// An archive in the database of `client`. Without `schema`, the mode of the client's
  /// configuration holds.
  public convenience init(
    client: MySQLClient, assistantName: String = "Assistant", schema: SchemaMode? = nil
  ) {
    // Reading 20,000 texts takes some 0.2 s.
    self.init(
      client: client, assistantName: assistantName, schema: schema, searchReadCountMax: 20_000)
  }

  /// As the public one, with another number of texts that a search reads at a time.
  package init(
    client: MySQLClient, assistantName: String = "Assistant", schema: SchemaMode? = nil,
    searchReadCountMax: Int
  ) {
    self.client = client
    self.assistantName = assistantName
    self.searchReadCountMax = max(1, searchReadCountMax)
    schemaMode = schema ?? client.configuration.schema
    appends = AppendQueue(client)
  }

  /// Closes the client.
  public func close() async { await client.close() }

  /// Creates the schema, or brings it to the newest version. Does nothing when it is. Safe to run
  /// from several processes at once, and again after an interruption; done by itself before the
  /// first use.
  ///
  /// - Parameter progress: Told before each statement that may change the schema, on a thread of
  ///   the archive's.
  /// - Throws: `ArchiveError`: `unknownSchema` for a database of a later version;
  ///   `foreignDatabase` for one of another program; `schemaPending` where
  ///   ``SchemaMode/verifyOnly`` forbids what is to do; `refused` for tables that cannot be
  ///   upgraded, with what stands in the way. The database is left untouched in all of them.
  public func prepare(
    progress: @escaping @Sendable (SchemaProgress) -> Void = { _ in }
  ) async throws {
    try await prepareForReading(progress)
    try await reach(.forWriting) { [client] in
      try await archiveErrors {
        do {
          try await client.withConnection(Owner.writeDown)
        } catch let error as MySQLError where !error.isRetryable {
          // Who may only read can go on; an append writes the owner of its own thread.
        }
      }
    }
  }

  /// What a read needs: the schema. Writes nothing where that is the newest.
  private func prepareForReading(
    _ progress: @escaping @Sendable (SchemaProgress) -> Void = { _ in }
  ) async throws {
    try await reach(.forReading) { [client, schemaMode] in
      try await archiveErrors {
        if try await client.withConnection(Migrator.isUpToDate) { return }
        if schemaMode == .verifyOnly { throw ArchiveError.schemaPending }
        try await upgrade(client.configuration, schemaMode, progress)
      }
    }
  }

  private func reach(
    _ state: Readiness, _ work: @escaping @Sendable () async throws -> Void
  ) async throws {
    if readiness.withLock({ $0.rawValue >= state.rawValue }) { return }
    try await preparation.run(state) { [readiness] in
      try await work()
      readiness.withLock { now in if now.rawValue < state.rawValue { now = state } }
    }
  }

  /// Reads: runs `body` on a connection when the schema is there, and tells errors as the
  /// archive's.
  func run<Result: Sendable>(
    _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await prepareForReading()
    return try await run(timeLimit: client.configuration.jobTimeout, body)
  }

  /// Writes: as ``run(_:)``, after ``prepare()``.
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await prepare()
    return try await run(timeLimit: client.configuration.jobTimeout, body)
  }

  /// As ``write(_:)``, for very many rows; `onlyReads` for a body that only counts them.
  func runBulk<Result: Sendable>(
    onlyReads: Bool = false, _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    if onlyReads { try await prepareForReading() } else { try await prepare() }
    return try await run(timeLimit: client.configuration.bulkTimeout, body)
  }

  private func run<Result: Sendable>(
    timeLimit: Duration, _ body: @escaping @Sendable (MySQLConnection) throws -> Result
  ) async throws -> Result {
    try await archiveErrors {
      try await client.withConnection(timeLimit: timeLimit, body)
    }
  }
}

/// Changes of large tables take longer than anything else: on a connection of their own, with a
/// limit of their own.
private func upgrade(
  _ configuration: MySQLConfiguration, _ mode: SchemaMode,
  _ progress: @escaping @Sendable (SchemaProgress) -> Void
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
      try Migrator.run(connection, mode) { migration in
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
  static let notFound = ArchiveError(code: .notFound, reason: "no such conversation")
  static let schemaPending = ArchiveError(
    code: .schemaPending,
    reason: """
      the schema of the database is to be made or upgraded first, which this program was told not \
      to do (schema=verify)
      """)
  static let idTaken = ArchiveError(
    code: .idTaken, reason: "the id of the message is used in another conversation")
}
