import Foundation

/// The table, as text for people and as JSON.
struct Report {
  private var entries: [Entry] = []
  private var missed: [String] = []
  private var failed: [String] = []

  static let heading =
    "\("workload".padded(30)) \("ours".paddedLeft(9)) \("floor".paddedLeft(9)) "
    + "\("p99".paddedLeft(9)) \("ratio".paddedLeft(6)) \("budget".paddedLeft(7))"

  var isGood: Bool { missed.isEmpty && failed.isEmpty }

  /// Takes a result in and returns its line.
  mutating func add(_ result: Result) -> String {
    entries.append(Entry(result))
    if result.isMet == false { missed.append(result.workload.name) }
    let verdict =
      switch result.isMet {
      case true: "met"
      case false: "MISSED"
      case nil: ""
      }
    return [
      result.workload.name.padded(30),
      time(result.ours).paddedLeft(9), time(result.floor).paddedLeft(9),
      (result.ourPercentile99.map(time) ?? "").paddedLeft(9),
      String(format: "%.2f", result.ratio).paddedLeft(6),
      result.workload.budgetText.paddedLeft(7), verdict.padded(6),
      comparison(result.ourFigures, result.floorFigures),
    ].joined(separator: " ").trimmingCharacters(in: .whitespaces)
  }

  mutating func addFailure(of workload: Workload, _ error: any Error) -> String {
    failed.append(workload.name)
    return "\(workload.name.padded(30)) failed: \(error)"
  }

  var verdict: String {
    if isGood { return "\nEvery budget is met." }
    var lines = [""]
    if !missed.isEmpty { lines.append("Missed: \(missed.joined(separator: ", "))") }
    if !failed.isEmpty { lines.append("Failed: \(failed.joined(separator: ", "))") }
    return lines.joined(separator: "\n")
  }

  func json() throws -> Data {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.prettyPrinted, .sortedKeys]
    return try encoder.encode(
      Document(workloads: entries, missed: missed, failed: failed, machine: Machine()))
  }

  private func comparison(_ ours: Figures, _ floor: Figures) -> String {
    ours.values.sorted { $0.key < $1.key }.map { name, value in
      "\(name) \(value)" + (floor[name].map { " (floor \($0))" } ?? "")
    }.joined(separator: ", ")
  }

  private func time(_ nanoseconds: Double) -> String {
    switch nanoseconds {
    case ..<1e3: String(format: "%.1f ns", nanoseconds)
    case ..<1e6: String(format: "%.2f µs", nanoseconds / 1e3)
    case ..<1e9: String(format: "%.2f ms", nanoseconds / 1e6)
    default: String(format: "%.2f s", nanoseconds / 1e9)
    }
  }
}

private struct Document: Encodable {
  let workloads: [Entry]
  let missed: [String]
  let failed: [String]
  let machine: Machine
}

private struct Entry: Encodable {
  let name: String
  let nanosecondsPerOperation: Double
  let floorNanosecondsPerOperation: Double
  let percentile99Nanoseconds: Double?
  let floorPercentile99Nanoseconds: Double?
  let ratio: Double
  let budget: String
  let isMet: Bool?
  let figures: [String: Int]
  let floorFigures: [String: Int]

  init(_ result: Result) {
    name = result.workload.name
    nanosecondsPerOperation = result.ours
    floorNanosecondsPerOperation = result.floor
    percentile99Nanoseconds = result.ourPercentile99
    floorPercentile99Nanoseconds = result.floorPercentile99
    ratio = result.ratio
    budget = result.workload.budgetText
    isMet = result.isMet
    figures = result.ourFigures.values
    floorFigures = result.floorFigures.values
  }
}

private struct Machine: Encodable {
  var processorCount = ProcessInfo.processInfo.activeProcessorCount
  var memoryBytes = ProcessInfo.processInfo.physicalMemory
  var system = ProcessInfo.processInfo.operatingSystemVersionString
  var date = Date().formatted(.iso8601)
}

extension Workload {
  var budgetText: String {
    switch budget {
    case .ratio(let least): String(format: "≥ %g", least)
    case .multiple(let most): String(format: "≤ %g×", most)
    case nil: ""
    }
  }
}

extension String {
  func padded(_ width: Int) -> String {
    self + String(repeating: " ", count: max(0, width - count))
  }
  func paddedLeft(_ width: Int) -> String {
    String(repeating: " ", count: max(0, width - count)) + self
  }
}
