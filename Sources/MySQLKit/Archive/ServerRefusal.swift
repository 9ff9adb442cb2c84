import SessionCore

/// What the numbers of a server's errors mean to whoever keeps an archive on it.
struct ServerRefusal {
  /// What it means and what to do; quotes nothing of a statement.
  let words: String
  /// Whether the server may take later what it refuses now.
  let mayPass: Bool

  private init(_ words: String, mayPass: Bool = false) {
    self.words = words
    self.mayPass = mayPass
  }

  private static func passing(_ words: String) -> ServerRefusal { .init(words, mayPass: true) }

  init?(_ errno: UInt32) {
    guard let refusal = Self.all[errno] else { return nil }
    self = refusal
  }

  private static let all: [UInt32: ServerRefusal] = {
    let readOnly = passing(
      """
      the database server is read-only: reading works; write to the primary, or end the server's \
      read_only
      """)
    let diskFull = passing(
      "the database server has no room left: make room on its disk, or raise the size of its tables"
    )
    let tooMany = passing(
      """
      the database server has too many connections: raise max_connections (or the user's limit), or \
      lower pool-max in the programs that use it
      """)
    let memory = passing("the database server is out of memory: give it more, or wait for its load")
    let notReady = passing(
      "the node of the cluster is not ready: wait until it has joined, or use another one")
    let mayNot = ServerRefusal(
      """
      the database user may not do this: it needs SELECT to read, INSERT, UPDATE and DELETE to \
      write, and CREATE, ALTER, INDEX and DROP once for the schema (GRANT)
      """)
    let password = ServerRefusal("the password of the database user has expired: set a new one")
    let damaged = ServerRefusal(
      "a table of the archive is damaged: CHECK TABLE tells how far; restore it from a back-up")
    let notOurs = ServerRefusal(
      """
      the tables are not as the archive made them (a table or column is missing): let the schema be \
      checked, and restore what was dropped or renamed
      """)
    let locked = passing(
      """
      another session holds the rows or tables for too long (LOCK TABLES, a back-up, an ALTER): wait \
      for it, or end it
      """)
    return [
      1290: readOnly, 1792: readOnly, 1836: readOnly, 1874: readOnly, 3100: readOnly,
      1223: passing("the server's tables are locked for reading (a back-up): wait until it ends"),
      1021: diskFull, 1114: diskFull, 1026: diskFull, 1180: diskFull, 3: diskFull,
      1040: tooMany, 1203: tooMany, 1226: tooMany, 1637: tooMany,
      1461: passing(
        "the server holds too many prepared statements: raise max_prepared_stmt_count"),
      1037: memory, 1038: memory, 1041: memory, 1135: memory, 1206: memory,
      1047: notReady, 1105: notReady, 3101: notReady,
      1205: locked, 1099: locked, 1100: locked, 1150: locked,
      1020: passing("another writer changed the row at the same time: try again"),
      1412: passing("the tables were changed meanwhile: try again"),
      1615: passing("the tables were changed meanwhile: try again"),
      1213: passing("the transaction had to give way to another one: try again"),
      1044: mayNot, 1142: mayNot, 1143: mayNot, 1227: mayNot, 1370: mayNot, 1410: mayNot,
      1820: password, 1862: password,
      1049: ServerRefusal("there is no such database on the server: CREATE DATABASE makes it"),
      1146: notOurs, 1054: notOurs, 1136: notOurs,
      1364: ServerRefusal(
        """
        a column of another program must hold something and has no default: give it one, or allow \
        NULL
        """),
      1048: ServerRefusal("a column that another program made must hold something: allow NULL"),
      1062: ServerRefusal("the row is there already"),
      1406: ServerRefusal("a text is longer than its column takes"),
      1264: ServerRefusal("a number is out of the range of its column"),
      1292: ServerRefusal("a value is no time, or no number, of its column's kind"),
      1366: ServerRefusal("a text or number does not fit the type or character set of its column"),
      1153: ServerRefusal("the server takes no statement so large: raise max_allowed_packet"),
      1451: ServerRefusal("a foreign key of another program holds the row: drop that key"),
      1452: ServerRefusal(
        "a foreign key refuses the row: drop the keys between the archive's tables"),
      1665: ServerRefusal(
        """
        the server's binary log refuses the session's isolation level: set binlog_format to ROW or \
        MIXED
        """),
      1418: ServerRefusal(
        "the binary log refuses the statement: set binlog_format to ROW or MIXED"),
      1194: damaged, 1195: damaged, 1034: damaged, 1712: damaged, 145: damaged,
      1064: ServerRefusal(
        "the server does not know the statement: MySQL 8 or MariaDB 10.6 is needed at least"),
      1193: ServerRefusal(
        "the server lacks a setting: MySQL 8 or MariaDB 10.6 is needed at least"),
      1273: ServerRefusal(
        "the server lacks a collation: MySQL 8 or MariaDB 10.6 is needed at least"),
    ]
  }()
}

extension ArchiveError {
  /// What a failure of the client means to the archive's user.
  ///
  /// - Parameter work: What failed, where that is more than the call itself.
  init(_ error: MySQLError, during work: String? = nil) {
    let refusal = error.errno.flatMap(ServerRefusal.init)
    let code: Code =
      switch error.code {
      case .tooLarge: .tooLarge
      case .refused where error.errno == dataTooLong: .tooLarge
      case .accessDenied, .refused, .duplicateKey, .unexpectedValue, .invalidConfiguration:
        refusal?.mayPass == true ? .unavailable : .refused
      default: .unavailable
      }
    var reason = error.description
    if let refusal {
      // The server's own words of a login or a privilege name the user and the table.
      if error.code == .accessDenied {
        reason += "; \(refusal.words)"
      } else if error.code != .connectFailed || refusal.mayPass, let errno = error.errno {
        reason =
          "\(refusal.words) (error \(errno)\(error.sqlState.map { ", SQLSTATE \($0)" } ?? ""))"
      }
    }
    if let work { reason = "\(work) stopped: \(reason)" }
    self.init(code: code, reason: reason, mayHaveActed: error.mayHaveActed)
  }
}

private let dataTooLong: UInt32 = 1406
