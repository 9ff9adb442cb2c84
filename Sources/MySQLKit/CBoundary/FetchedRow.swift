import CMariaDB

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A row where it was received: as ``MySQLRow``, but only what is asked for becomes a value.
///
/// For the closure that it is given to. It is the next row afterwards, and cannot be kept.
struct FetchedRow: ~Copyable {
  private let reader: RowReader
  private let statement: UnsafeMutablePointer<MYSQL_STMT>

  init(reader: RowReader, statement: UnsafeMutablePointer<MYSQL_STMT>) {
    self.reader = reader
    self.statement = statement
  }

  /// Adds the values of all columns, and gives how many bytes their texts have.
  @discardableResult
  func append(to values: inout [MySQLValue]) -> Int { reader.append(to: &values, of: statement) }

  /// The names of the columns.
  var columns: [String] { reader.columns }
  /// Whether more was received as well: to read the next row waits for little or nothing.
  var isFollowed: Bool {
    guard let mysql = statement.pointee.mysql else { return false }
    return session_has_packet(mysql) != 0 || isReadable(mysql_get_socket(mysql))
  }

  /// The value of a column.
  func value(_ column: Int) -> MySQLValue { reader.value(column, of: statement) }

  /// What `body` makes of the UTF-8 of a text, or nil for NULL. Of a text from a connection with
  /// another character set it may be invalid.
  func withUTF8OrNil<Result>(
    _ column: Int, _ body: (UnsafeBufferPointer<UInt8>) -> Result
  ) throws(MySQLError) -> Result? {
    if let bytes = reader.textOrNil(column, of: statement) { return body(bytes) }
    if value(column) == .null { return nil }
    throw unexpected(column, "is not text")
  }

  /// Text, or nil for NULL.
  func textOrNil(_ column: Int) throws(MySQLError) -> String? {
    try withUTF8OrNil(column, String.init(utf8:))
  }

  /// Text.
  func text(_ column: Int) throws(MySQLError) -> String {
    guard let text = try textOrNil(column) else { throw unexpected(column, "is NULL") }
    return text
  }

  /// An integer that fits.
  func integer(_ column: Int) throws(MySQLError) -> Int64 {
    switch value(column) {
    case .integer(let number): return number
    case .unsigned(let number):
      guard let number = Int64(exactly: number) else { throw unexpected(column, "is too large") }
      return number
    default: throw unexpected(column, "is not an integer")
    }
  }

  /// A date and time, or nil for NULL.
  func dateTimeOrNil(_ column: Int) throws(MySQLError) -> MySQLDateTime? {
    switch value(column) {
    case .dateTime(let time): time
    case .null: nil
    default: throw unexpected(column, "is not a date and time")
    }
  }

  private func unexpected(_ column: Int, _ what: String) -> MySQLError {
    MySQLError(code: .unexpectedValue, reason: "column \(reader.columns[column]) \(what)")
  }
}

/// Whether something has come in, or the connection has ended.
func isReadable(_ descriptor: Int32) -> Bool {
  var state = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
  return poll(&state, 1, 0) != 0
}
