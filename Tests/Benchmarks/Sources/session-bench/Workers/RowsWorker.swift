import MySQLKit

/// `rows ROWS`: reads a table of so many rows through a stream. It makes the table, and tells how
/// far the memory of the process rises while the first reading goes on.
struct RowsWorker: Worker {
  private let rowCount: Int
  private let client: MySQLClient
  private(set) var figures: [String: Int] = [:]

  init(_ parameters: [String]) async throws {
    guard parameters.count == 1, let rowCount = Int(parameters[0]), rowCount > 0 else {
      throw BenchError("rows ROWS")
    }
    self.rowCount = rowCount
    client = MySQLClient(try MySQLConfiguration(url: environment("DATABASE_URL")))
    try await fill()
    figures["kB-above-start"] = try await read().peak / 1024
  }

  func round() async throws -> Round {
    let start = Clock.wall()
    _ = try await read()
    return Round(operationCount: rowCount, nanoseconds: Clock.wall() - start)
  }

  func end() async throws {
    try await client.execute("DROP TABLE bench_row")
    await client.close()
  }

  private func read() async throws -> (sum: Int, peak: Int) {
    let before = residentBytes()
    var (sum, byteCount, count, peak) = (0, 0, 0, before)
    for try await row in client.stream("SELECT id, name, at, value FROM bench_row") {
      sum += try row[0, as: Int.self]
      byteCount += try row[1, as: String?.self]?.utf8.count ?? 0
      count += 1
      if count.isMultiple(of: 10_000) { peak = max(peak, residentBytes()) }
    }
    guard count == rowCount, sum > 0, byteCount > 0 else { throw BenchError("\(count) rows") }
    return (sum, peak - before)
  }

  private func fill() async throws {
    try await client.execute("DROP TABLE IF EXISTS bench_row")
    try await client.execute(
      "CREATE TABLE bench_row (id INT PRIMARY KEY, name VARCHAR(60), at DATETIME(6), value DOUBLE)")
    let at = MySQLDateTime(year: 2026, month: 11, day: 25, hour: 8, microsecond: 123_000)
    for start in stride(from: 1, through: rowCount, by: 20_000) {
      let rows = (start..<min(start + 20_000, rowCount + 1)).map { number in
        (number, "a name of forty bytes or so, number \(number)", at, Double(number) / 7)
      }
      try await client.insert(
        into: "bench_row", columns: ["id", "name", "at", "value"], rows: rows, timeout: .seconds(60)
      )
    }
  }
}
