/// The rows of a statement, one after another, as the server sends them.
///
/// ```swift
/// for try await row in client.stream("SELECT id, name FROM person") {
///   print(try row["id", as: Int.self])
/// }
/// ```
///
/// Memory holds a few hundred rows, or about 128 KiB, or two rows where one alone is larger: when
/// they wait to be read, the server waits too. The stream has a connection of the pool for itself
/// from its first row to its last.
///
/// Who leaves the loop early, or whose task is cancelled, gives it back: of a result that has
/// arrived whole as it is; else the statement is stopped on the server and the connection replaced.
public struct MySQLRowSequence: AsyncSequence, Sendable {
  /// A row.
  public typealias Element = MySQLRow
  /// What the reading of rows may throw: ``MySQLError``, `CancellationError`.
  public typealias Failure = any Error

  let client: MySQLClient
  let sql: String
  let parameters: [MySQLValue]
  let timeout: Duration?

  /// Sends the statement at its first row.
  public func makeAsyncIterator() -> Iterator { Iterator(sequence: self) }

  /// One reading of the rows; for one task.
  public struct Iterator: AsyncIteratorProtocol {
    private let sequence: MySQLRowSequence
    private var stream: RowStream?
    private var isAtEnd = false
    /// Those behind ``values``, the next at the end.
    private var waiting: [RowStream.Rows] = []
    @usableFromInline var columns: [String] = []
    @usableFromInline var values: [MySQLValue] = []
    /// Where the next row begins.
    @usableFromInline var position = 0

    fileprivate init(sequence: MySQLRowSequence) { self.sequence = sequence }

    /// The next row; nil after the last.
    @inlinable
    public mutating func next() async throws -> MySQLRow? { try await next(isolation: #isolation) }

    /// As ``next()``, without leaving the actor that calls it.
    @inlinable
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws -> MySQLRow? {
      if position == values.count {
        guard try await refill(isolation: actor) else { return nil }
      }
      let start = position
      position += columns.count
      return MySQLRow(columns: columns, values: values[start..<position])
    }

    /// Waits for more rows. False at the end.
    @usableFromInline
    mutating func refill(isolation actor: isolated (any Actor)?) async throws -> Bool {
      (values, position) = ([], 0)
      if waiting.isEmpty {
        if isAtEnd { return false }
        let stream = stream ?? sequence.begin()
        self.stream = stream
        // Whatever ends the stream now, nothing comes after it.
        isAtEnd = true
        guard let rows = try await stream.buffer.next(isolation: actor) else { return false }
        isAtEnd = false
        waiting = rows.reversed()
      }
      if let rows = waiting.popLast() { (columns, values) = (rows.columns, rows.values) }
      return true
    }
  }

  private func begin() -> RowStream {
    RowStream(pool: client.pool, sql: sql, parameters: parameters, timeout: timeout)
  }
}

@available(*, unavailable, message: "One task reads; the sequence itself can be given to many.")
extension MySQLRowSequence.Iterator: Sendable {}
