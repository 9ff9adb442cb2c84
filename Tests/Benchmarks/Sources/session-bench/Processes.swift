import Foundation

/// `session-bench processes`: how many turns a second several processes make together, on the same
/// servers and in the same scope.
enum Processes {
  private static let sessionCount = 64
  private static let turnCount = 1920
  private static let roundCount = 7

  static func report() throws {
    for processCount in [1, 2, 4, 8] {
      let limit = sessionCount * processCount
      let processes = try (0..<processCount).map { _ in
        try MeasuredProcess(
          CommandLine.arguments[0],
          ["worker", "turn", "\(sessionCount)", "\(turnCount)", "\(limit)"])
      }
      // The first round warms up.
      let rates = try (0...roundCount).map { _ in try turnRate(processes) }.dropFirst().sorted()
      for process in processes { try process.end() }
      let rate = rates[rates.count / 2]
      say("\(processCount) processes of \(sessionCount) sessions: \(Int(rate)) turns a second")
    }
  }

  /// Turns a second of one round of all at once.
  private static func turnRate(_ processes: [MeasuredProcess]) throws -> Double {
    let start = Clock.wall()
    for process in processes { try process.begin() }
    let count = try processes.reduce(0) { try $0 + $1.finish().operationCount }
    return Double(count) / Double(Clock.wall() - start) * 1e9
  }
}
