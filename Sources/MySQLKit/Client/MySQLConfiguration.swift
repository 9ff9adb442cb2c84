public import SessionCore

/// Where a MySQL or MariaDB server is, and how long anything may take.
///
/// Printing it shows no password.
public struct MySQLConfiguration: Sendable, Hashable {
  /// How the server is reached.
  public enum Address: Sendable, Hashable {
    /// A name or an address, and a port.
    case host(String, port: UInt16)
    /// The path of a Unix socket.
    case socket(String)
  }

  /// How a connection is protected.
  public enum TLSMode: String, Sendable, Hashable, CaseIterable {
    /// Never encrypted.
    case disabled
    /// Encrypted when the server can; the server is not verified.
    case preferred
    /// Always encrypted; the server is not verified.
    case required
    /// Always encrypted; the server's certificate must come from the authority in
    /// ``MySQLConfiguration/certificateAuthorityFile``. Without that file, as ``verifyIdentity``.
    case verifyCA = "verify-ca"
    /// As ``verifyCA``, and the certificate must name the host.
    case verifyIdentity = "verify-identity"
  }

  /// Where the server is.
  public var address: Address
  /// Who logs in.
  public var user: String
  /// The password, if there is one.
  public var password: Secret?
  /// The database that statements mean when they name none.
  public var database: String
  /// How connections are protected.
  public var tls: TLSMode = .preferred
  /// The file with the certificates of the authorities (PEM); nil for the system's.
  public var certificateAuthorityFile: String?

  /// The connections that are kept open when nothing happens.
  public var connectionCountMin = 0
  /// The connections at most. Each has a thread of its own, which starts when it is first needed.
  public var connectionCountMax = 8
  /// Time without work after which a connection beyond ``connectionCountMin`` is closed.
  public var idleTimeout: Duration = .seconds(600)
  /// Age at which a connection is replaced, between two jobs.
  public var connectionLifetime: Duration = .seconds(3600)
  /// The prepared statements that one connection keeps.
  public var statementCountMax = 128

  /// Time to connect and to log in. Counted in whole seconds by the library, rounded up.
  public var connectTimeout: Duration = .seconds(5)
  /// Silence of the server in an answer. Counted in whole seconds by the library, rounded up.
  public var readTimeout: Duration = .seconds(60)
  /// Time for the server to take a part of a statement. Counted in whole seconds, rounded up.
  public var writeTimeout: Duration = .seconds(30)
  /// Time to wait for a free connection, connecting included.
  public var waitTimeout: Duration = .seconds(10)
  /// Time for one job, from its start: a statement, or a whole transaction with its repetitions.
  public var jobTimeout: Duration = .seconds(30)
  /// Time for one job that writes or removes very many rows: a part of an import, a user forgotten.
  public var bulkTimeout: Duration = .seconds(600)
  /// Time that a statement waits for a row that another transaction has locked; for a table that
  /// another session holds (`LOCK TABLES`, `ALTER`) half of it, for a call may meet two of them.
  /// Counted in whole seconds by the server, rounded up.
  public var lockTimeout: Duration = .seconds(5)
  /// Time that a statement which is to stop is given, before its connection is cut.
  public var stopTimeout: Duration = .seconds(2)
  /// Time for creating or upgrading the schema of an archive, waiting for another process that
  /// does it included.
  public var schemaTimeout: Duration = .seconds(3600)
  /// What an archive on this client may do to the schema.
  public var schema = SchemaMode.automatic
  /// How long the reader of a stream may pause, before the server gives up. Counted in whole
  /// seconds by the server, rounded up.
  public var streamPauseTimeout: Duration = .seconds(600)
  /// How often a transaction is tried in all when it loses a deadlock, or its connection breaks
  /// before the commit.
  public var transactionAttemptCountMax = 5

  /// A server, a login and a database; everything else has its default.
  public init(address: Address, user: String, password: Secret? = nil, database: String) {
    self.address = address
    self.user = user
    self.password = password
    self.database = database
  }
}

extension MySQLConfiguration: CustomStringConvertible {
  /// The URL, without the password.
  public var description: String {
    let place =
      switch address {
      case .host(let host, let port): "\(host.contains(":") ? "[\(host)]" : host):\(port)"
      case .socket(let path): path
      }
    return "mysql://\(user)\(password == nil ? "" : ":***")@\(place)/\(database)"
  }
}
