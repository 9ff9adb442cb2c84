import MySQLKit
import RedisKit

/// What the servers have done, by their own counting. Nobody else uses them.
struct ServerCounts {
  private var values: [String: Int] = [:]

  static func read(redis: RedisClient? = nil, mysql: MySQLClient) async throws -> ServerCounts {
    var counts = ServerCounts()
    let rows = try await mysql.query(
      "SHOW GLOBAL STATUS WHERE Variable_name IN ('Questions', 'Com_commit')")
    for row in rows {
      let name = try row.text(0) == "Questions" ? "statements" : "commits"
      counts.values[name] = Int(try row.text(1))
    }
    if let redis {
      let info = try await redis.send(RedisCommand("INFO", "commandstats")).string ?? ""
      let line = info.split(whereSeparator: \.isNewline)
        .first { $0.hasPrefix("cmdstat_evalsha:calls=") }
      counts.values["scripts"] = line.flatMap {
        Int($0.split(separator: "=")[1].prefix { $0 != "," })
      }
    }
    return counts
  }

  /// The growth for a hundred operations, as figures of a workload.
  func since(_ before: ServerCounts, per operationCount: Int) -> [String: Int] {
    var figures: [String: Int] = [:]
    for (name, value) in values {
      let growth = value - (before.values[name] ?? 0)
      figures["\(name)-per-100"] = (growth * 100 + operationCount / 2) / max(operationCount, 1)
    }
    return figures
  }
}
