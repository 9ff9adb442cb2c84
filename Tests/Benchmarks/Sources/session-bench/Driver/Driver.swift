import Foundation

/// Runs the workloads one after another, each with its floor, and reports.
struct Driver {
  private let options: Options

  init(_ options: Options) { self.options = options }

  /// False when a budget was missed or a workload failed.
  func run() throws -> Bool {
    let workloads = Workload.all.filter(options.selects)
    guard !workloads.isEmpty else { throw BenchError("no workload has such a name; see --list") }
    if options.onlyLists {
      for workload in workloads { say(workload.name) }
      return true
    }
    var report = Report()
    say(Report.heading)
    for workload in workloads {
      do {
        let result = try measure(workload)
        say(report.add(result))
      } catch {
        say(report.addFailure(of: workload, error))
      }
    }
    say(report.verdict)
    if let json = options.json {
      try report.json().write(to: URL(fileURLWithPath: json), options: .atomic)
    }
    return report.isGood
  }

  private func measure(_ workload: Workload) throws -> Result {
    let helper = workload.helper.isEmpty ? nil : try start(workload.helper)
    let ours = try start(workload.ours, helper)
    let floor = try start(workload.floor, helper)
    // The first round of each warms caches and connections, and is not counted.
    _ = try floor.round()
    _ = try ours.round()
    var rounds: [(ours: Round, floor: Round)] = []
    for number in 0..<options.roundCount {
      // Whoever goes second meets what the first left behind, so they take turns.
      if number.isMultiple(of: 2) {
        let first = try floor.round()
        rounds.append((ours: try ours.round(), floor: first))
      } else {
        let first = try ours.round()
        rounds.append((ours: first, floor: try floor.round()))
      }
    }
    try ours.end()
    try floor.end()
    try helper?.end()
    return Result(
      workload: workload, rounds: rounds, ourFigures: ours.figures, floorFigures: floor.figures)
  }

  private func start(
    _ command: [String], _ helper: MeasuredProcess? = nil
  ) throws -> MeasuredProcess {
    let this = URL(fileURLWithPath: CommandLine.arguments[0]).path
    let arguments = command.dropFirst().map { argument in
      argument.replacingOccurrences(of: "{self}", with: this)
        .replacingOccurrences(of: "{chat-cli}", with: options.chatCLI)
        .replacingOccurrences(of: "{port}", with: "\(helper?.figures["port"] ?? 0)")
    }
    guard let name = command.first else { throw BenchError("a workload without a command") }
    if name.hasPrefix("@") {
      return try MeasuredProcess("\(options.floors)/\(name.dropFirst())", arguments)
    }
    return try MeasuredProcess(this, ["worker", name] + arguments)
  }
}
