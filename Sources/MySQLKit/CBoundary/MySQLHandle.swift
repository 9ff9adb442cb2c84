import CMariaDB
import SessionCore

/// Owns a `MYSQL`: one connection, used by one thread at a time. Its calls block.
final class MySQLHandle {
  private let raw: UnsafeMutablePointer<MYSQL>

  /// Connects and logs in.
  init(_ configuration: MySQLConfiguration) throws(MySQLError) {
    guard MySQLLibrary.isReady, let raw = mysql_init(nil) else {
      throw MySQLError(code: .connectFailed, reason: "the MariaDB library cannot be used")
    }
    self.raw = raw
    // From here on deinit closes the handle, also when this throws.
    setOptions(configuration)
    try connect(configuration)
  }

  deinit { mysql_close(raw) }

  /// The number by which the server knows this connection.
  var serverThreadID: UInt64 { UInt64(mysql_thread_id(raw)) }

  /// The socket of the connection; -1 when it broke, for then the library has closed it.
  var fileDescriptor: Int32 { mysql_get_socket(raw) }

  /// Whether the server has closed the connection or said good-bye while nothing was asked of it.
  var isBrokenWhileIdle: Bool {
    // To poll a negative number is one that never becomes ready.
    fileDescriptor < 0 || isReadable(fileDescriptor)
  }

  /// Whether a TLS session protects the connection.
  var isEncrypted: Bool { mysql_get_ssl_cipher(raw) != nil }

  /// Whether the server said with its last reply that a transaction is open.
  var isInTransaction: Bool { session_is_in_transaction(raw) != 0 }

  /// Makes the session as it was after the login: no lock, variable, transaction, temporary table
  /// or prepared statement is left. Statements made before are of no more use.
  func logInAgain(_ configuration: MySQLConfiguration) throws(MySQLError) {
    roundTripCount += 1
    let status = mysql_change_user(
      raw, configuration.user, configuration.password?.revealed, configuration.database)
    if status != 0 { throw error(.connecting) }
  }

  /// Runs statements that take no parameter and give no rows, all in one round trip. For session
  /// settings and the words of a transaction; never with a value from outside in the text.
  func run(_ words: String...) throws(MySQLError) {
    roundTripCount += 1
    for word in words { try send(word) }
    for (number, _) in words.enumerated() {
      do throws(MySQLError) {
        try receive()
      } catch {
        // The replies behind this one are not read.
        isOutOfStep = number < words.count - 1
        throw error
      }
    }
  }

  /// Whether the connection is of no more use: replies are to come that nobody will read, or a
  /// word of ``run(_:then:receive:)`` failed.
  private(set) var isOutOfStep = false
  /// How often statements and words of ours waited for the server.
  private(set) var roundTripCount = 0

  /// Runs a word, if there is one, and then statements, sent all at once: one round trip.
  ///
  /// The server runs each one, also after one that failed. The first error is thrown, when all
  /// replies were read. `read` reads one.
  func run<Result>(
    _ word: String?, then statements: [(statement: PreparedStatement, values: [MySQLValue])],
    receive read: (PreparedStatement) throws(MySQLError) -> Result
  ) throws(MySQLError) -> [Result] {
    roundTripCount += 1
    isOutOfStep = true
    if let word { try send(word) }
    for (statement, values) in statements { try statement.send(values) }
    var results: [Result] = []
    var firstError: MySQLError?
    func note(_ error: MySQLError) throws(MySQLError) {
      if firstError == nil { firstError = error }
      // Behind an error of the library there may be more of the same reply.
      if error.isOfLibrary { throw firstError ?? error }
    }
    if word != nil {
      do throws(MySQLError) { try receive() } catch { try note(error) }
    }
    let hasWordFailed = firstError != nil
    for (statement, _) in statements {
      do throws(MySQLError) { results.append(try read(statement)) } catch { try note(error) }
    }
    isOutOfStep = hasWordFailed
    if let firstError { throw firstError }
    return results
  }

  private func send(_ word: String) throws(MySQLError) {
    var word = word
    let status = word.withUTF8 { text in
      text.withMemoryRebound(to: CChar.self) { text in
        mysql_send_query(raw, text.baseAddress, UInt(text.count))
      }
    }
    if status != 0 { throw error(.running) }
  }

  private func receive() throws(MySQLError) {
    if mysql_read_query_result(raw) != 0 { throw error(.running) }
  }

  /// Makes a statement ready.
  func prepare(_ sql: String) throws(MySQLError) -> PreparedStatement {
    guard let statement = mysql_stmt_init(raw) else { throw error(.preparing) }
    roundTripCount += 1
    return try PreparedStatement(taking: statement, sql: sql)
  }

  private func setOptions(_ configuration: MySQLConfiguration) {
    set(MYSQL_OPT_CONNECT_TIMEOUT, wholeSeconds(configuration.connectTimeout))
    set(MYSQL_OPT_READ_TIMEOUT, wholeSeconds(configuration.readTimeout))
    set(MYSQL_OPT_WRITE_TIMEOUT, wholeSeconds(configuration.writeTimeout))
    // A server must not be able to ask for files of this machine.
    set(MYSQL_OPT_LOCAL_INFILE, 0)
    mysql_options(raw, MYSQL_SET_CHARSET_NAME, "utf8mb4")
    // Whoever answers in the server's place must not get the password in clear.
    mysql_options(
      raw, MARIADB_OPT_RESTRICTED_AUTH,
      "mysql_native_password,caching_sha2_password,sha256_password,client_ed25519")
    // "Enforced" is what asks for TLS at all; that the server gives it is checked afterwards. With
    // a file of authorities the library verifies the certificate, and with its own option the name.
    if configuration.tls != .disabled { setFlag(MYSQL_OPT_SSL_ENFORCE) }
    let hasFile = configuration.certificateAuthorityFile != nil
    if configuration.tls == .verifyIdentity || (configuration.tls == .verifyCA && !hasFile) {
      setFlag(MYSQL_OPT_SSL_VERIFY_SERVER_CERT)
    }
    if configuration.tls != .disabled, let file = configuration.certificateAuthorityFile {
      mysql_options(raw, MYSQL_OPT_SSL_CA, file)
    }
  }

  private func connect(_ configuration: MySQLConfiguration) throws(MySQLError) {
    let password = configuration.password?.revealed
    let flags = UInt(CLIENT_FOUND_ROWS)
    if case .host = configuration.address {
      // Else the library takes the name "localhost" for its own socket.
      set(MYSQL_OPT_PROTOCOL, MYSQL_PROTOCOL_TCP.rawValue)
    }
    let connected =
      switch configuration.address {
      case .host(let host, let port):
        mysql_real_connect(
          raw, host, configuration.user, password, configuration.database, UInt32(port), nil, flags)
      case .socket(let path):
        mysql_real_connect(
          raw, "localhost", configuration.user, password, configuration.database, 0, path, flags)
      }
    if connected == nil { throw error(.connecting) }
    // The library goes on without TLS when the server has none, whatever was demanded.
    if configuration.tls.isMandatory, !isEncrypted {
      throw MySQLError(code: .connectFailed, reason: "the database server does not offer TLS")
    }
  }

  private func set(_ option: mysql_option, _ value: UInt32) {
    var value = value
    mysql_options(raw, option, &value)
  }

  private func setFlag(_ option: mysql_option) {
    var value: my_bool = 1
    mysql_options(raw, option, &value)
  }

  private func error(_ phase: MySQLError.Phase) -> MySQLError {
    MySQLError(
      errno: mysql_errno(raw), sqlState: String(cString: mysql_sqlstate(raw)),
      message: String(cString: mysql_error(raw)), phase: phase)
  }
}

extension MySQLConfiguration.TLSMode {
  fileprivate var isMandatory: Bool { self != .disabled && self != .preferred }
}

@available(*, unavailable, message: "A connection stays with the thread that owns it.")
extension MySQLHandle: Sendable {}

/// The duration in whole seconds, at least 1: a part of a second counts as one.
func wholeSeconds(_ duration: Duration) -> UInt32 {
  UInt32(clamping: max(1, (duration.wholeMilliseconds + 999) / 1000))
}
