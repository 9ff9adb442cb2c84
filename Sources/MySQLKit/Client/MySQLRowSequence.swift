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
    private var rows = RowStream.Rows()
    private var isAtEnd = false
    private var position = 0

    fileprivate init(sequence: MySQLRowSequence) { self.sequence = sequence }

    /// The next row; nil after the last.
    public mutating func next() async throws -> MySQLRow? { try await next(isolation: #isolation) }

    /// As ``next()``, without leaving the actor that calls it.
    public mutating func next(
      isolation actor: isolated (any Actor)?
    ) async throws -> MySQLRow? {
      while position == rows.values.count {
        if isAtEnd { return nil }
        let stream = stream ?? sequence.begin()
        self.stream = stream
        position = 0
        do {
          guard let next = try await stream.buffer.next(isolation: actor) else {
            rows = RowStream.Rows()
            isAtEnd = true
            return nil
          }
          rows = next
        } catch {
          rows = RowStream.Rows()
          isAtEnd = true
          throw error
        }
      }
      let end = position + rows.columns.count
      defer { position = end }
      return MySQLRow(columns: rows.columns, values: rows.values[position..<end])
    }
  }

  private func begin() -> RowStream {
    RowStream(pool: client.pool, sql: sql, parameters: parameters, timeout: timeout)
  }
}

@available(*, unavailable, message: "One task reads; the sequence itself can be given to many.")
extension MySQLRowSequence.Iterator: Sendable {}
