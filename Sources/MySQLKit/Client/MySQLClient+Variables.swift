// The same calls with variables as they are, in place of an array of values:
// `client.query("SELECT … WHERE id = ? AND day > ?", id, day)`.

extension MySQLClient {
  /// As ``query(_:_:timeout:)``, with a variable or a literal for each `?`.
  public func query<First: MySQLValueConvertible, each Rest: MySQLValueConvertible>(
    _ sql: String, _ first: First, _ rest: repeat each Rest, timeout: Duration? = nil
  ) async throws -> MySQLResult {
    try await query(sql, values(first, repeat each rest), timeout: timeout)
  }

  /// As ``execute(_:_:timeout:)``, with a variable or a literal for each `?`.
  @discardableResult
  public func execute<First: MySQLValueConvertible, each Rest: MySQLValueConvertible>(
    _ sql: String, _ first: First, _ rest: repeat each Rest, timeout: Duration? = nil
  ) async throws -> MySQLResult {
    try await execute(sql, values(first, repeat each rest), timeout: timeout)
  }

  /// As ``call(_:_:timeout:)``, with a variable or a literal for each `?`.
  @discardableResult
  public func call<First: MySQLValueConvertible, each Rest: MySQLValueConvertible>(
    _ sql: String, _ first: First, _ rest: repeat each Rest, timeout: Duration? = nil
  ) async throws -> MySQLProcedureResult {
    try await call(sql, values(first, repeat each rest), timeout: timeout)
  }

  /// As ``stream(_:_:timeout:)``, with a variable or a literal for each `?`.
  public func stream<First: MySQLValueConvertible, each Rest: MySQLValueConvertible>(
    _ sql: String, _ first: First, _ rest: repeat each Rest, timeout: Duration? = nil
  ) -> MySQLRowSequence {
    stream(sql, values(first, repeat each rest), timeout: timeout)
  }

  /// As `insert(into:columns:rows:updatesDuplicates:timeout:)`, with a tuple for each row.
  @discardableResult
  public func insert<each Value: MySQLValueConvertible>(
    into table: String, columns: [String], rows: some Sequence<(repeat each Value)>,
    updatesDuplicates: Bool = false, timeout: Duration? = nil
  ) async throws -> MySQLResult {
    let rows = rows.map { row in values(repeat each row) }
    return try await insert(
      into: table, columns: columns, rows: rows, updatesDuplicates: updatesDuplicates,
      timeout: timeout)
  }

  /// As `insert(into:columns:rows:updatesDuplicates:timeout:)`, of rows with one column.
  @discardableResult
  public func insert(
    into table: String, column: String, values: some Sequence<some MySQLValueConvertible>,
    timeout: Duration? = nil
  ) async throws -> MySQLResult {
    try await insert(
      into: table, columns: [column], rows: values.map { [$0.mysqlValue] }, timeout: timeout)
  }
}

extension MySQLConnection {
  /// As ``query(_:_:)``, with a variable or a literal for each `?`.
  public func query<First: MySQLValueConvertible, each Rest: MySQLValueConvertible>(
    _ sql: String, _ first: First, _ rest: repeat each Rest
  ) throws -> MySQLResult {
    try query(sql, values(first, repeat each rest))
  }

  /// As ``execute(_:_:)``, with a variable or a literal for each `?`.
  @discardableResult
  public func execute<First: MySQLValueConvertible, each Rest: MySQLValueConvertible>(
    _ sql: String, _ first: First, _ rest: repeat each Rest
  ) throws -> MySQLResult {
    try execute(sql, values(first, repeat each rest))
  }

  /// As ``call(_:_:)``, with a variable or a literal for each `?`.
  @discardableResult
  public func call<First: MySQLValueConvertible, each Rest: MySQLValueConvertible>(
    _ sql: String, _ first: First, _ rest: repeat each Rest
  ) throws -> MySQLProcedureResult {
    try call(sql, values(first, repeat each rest))
  }

  /// As `insert(into:columns:rows:updatesDuplicates:)`, with a tuple for each row.
  @discardableResult
  public func insert<each Value: MySQLValueConvertible>(
    into table: String, columns: [String], rows: some Sequence<(repeat each Value)>,
    updatesDuplicates: Bool = false
  ) throws -> MySQLResult {
    let rows = rows.map { row in values(repeat each row) }
    return try insert(
      into: table, columns: columns, rows: rows, updatesDuplicates: updatesDuplicates)
  }

  /// As `insert(into:columns:rows:updatesDuplicates:)`, of rows with one column.
  @discardableResult
  public func insert(
    into table: String, column: String, values: some Sequence<some MySQLValueConvertible>
  ) throws -> MySQLResult {
    try insert(into: table, columns: [column], rows: values.map { [$0.mysqlValue] })
  }
}

private func values<each Value: MySQLValueConvertible>(
  _ values: repeat each Value
) -> [MySQLValue] {
  var list: [MySQLValue] = []
  repeat list.append((each values).mysqlValue)
  return list
}
