import Foundation

/// Our half of a workload.
protocol Worker {
  /// What it can tell once it is set up.
  var figures: [String: Int] { get }
  /// Does the work once.
  mutating func round() async throws -> Round
  /// Takes away what it has put on servers.
  func end() async throws
}

extension Worker {
  var figures: [String: Int] { [:] }
  func end() async throws {}
}

/// Sets a worker up and runs a round for each line of the input.
@concurrent
func runWorker(_ arguments: [String]) async throws {
  var worker = try await makeWorker(arguments)
  let figures = worker.figures.map { "\($0.key)=\($0.value)" }.joined(separator: " ")
  say("ready \(figures)")
  // Reading blocks one of Swift's threads, but only while there is nothing to do.
  while readLine() != nil { say(try await worker.round().line) }
  try await worker.end()
}

private func makeWorker(_ arguments: [String]) async throws -> any Worker {
  let parameters = Array(arguments.dropFirst())
  switch arguments.first {
  case "table": return try TableWorker(parameters)
  case "store": return try await StoreWorker(parameters)
  case "redis": return try await RedisCommandWorker(parameters)
  case "redis-store": return try await RedisStoreWorker(parameters)
  case "archive": return try await ArchiveWorker(parameters)
  case "rows": return try await RowsWorker(parameters)
  case "stream": return try await StreamWorker(parameters)
  case "traced-turn": return try await TracedTurnWorker(parameters)
  case "sequence": return try await SequenceWorker(parameters)
  case "journal": return try await JournalWorker(parameters)
  case "turn": return try await TurnWorker(parameters)
  default: throw BenchError("no such worker: \(arguments.joined(separator: " "))")
  }
}
