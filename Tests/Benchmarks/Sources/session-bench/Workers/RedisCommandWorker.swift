import RedisKit
import SessionCore

/// `redis tasks|loop|pipeline DEPTH OPERATIONS`: GET of one key of 16 bytes on one connection.
struct RedisCommandWorker: Worker {
  private enum Way: String {
    /// Each of DEPTH tasks waits for its own answers, on Swift's shared threads.
    case tasks
    /// The same on the connection's thread.
    case loop
    /// One task sends DEPTH commands for one wait.
    case pipeline
  }

  private static let command = RedisCommand("GET", "bench:get")
  private let way: Way
  private let depth: Int
  private let operationCount: Int
  private let client: RedisClient

  init(_ parameters: [String]) async throws {
    guard parameters.count == 3, let way = Way(rawValue: parameters[0]),
      let depth = Int(parameters[1]), let operationCount = Int(parameters[2])
    else { throw BenchError("redis tasks|loop|pipeline DEPTH OPERATIONS") }
    self.way = way
    self.depth = depth
    self.operationCount = operationCount
    client = RedisClient(try RedisConfiguration(url: environment("REDIS_URL")))
    _ = try await client.send(RedisCommand("SET", "bench:get", "0123456789abcdef"))
  }

  func round() async throws -> Round {
    switch way {
    case .tasks: try await runTasks(depth, operationCount) { [client] in try await get(client) }
    case .loop:
      try await withTaskExecutorPreference(client.executor) { [client] in
        try await runTasks(depth, operationCount) { try await get(client) }
      }
    case .pipeline: try await runPipeline()
    }
  }

  func end() async throws { await client.close() }

  private func runPipeline() async throws -> Round {
    let commands = Array(repeating: Self.command, count: depth)
    var latencies: [UInt64] = []
    let start = Clock.wall()
    var done = 0
    while done < operationCount {
      let batch = Clock.wall()
      let values = try await client.pipeline(commands)
      guard values.count == depth, values[0].string?.utf8.count == 16 else {
        throw BenchError("not the value")
      }
      done += depth
      latencies.append(Clock.wall() - batch)
    }
    return Round(
      operationCount: done, nanoseconds: Clock.wall() - start, latencies: latencies)
  }
}

private func get(_ client: RedisClient) async throws {
  guard try await client.send(RedisCommand("GET", "bench:get")).string?.utf8.count == 16 else {
    throw BenchError("not the value")
  }
}
