/// What the rounds of a workload came to.
struct Result {
  let workload: Workload
  let rounds: [(ours: Round, floor: Round)]
  let ourFigures: Figures
  let floorFigures: Figures

  /// Nanoseconds for an operation, in the middle round.
  var ours: Double { rounds.map(\.ours.nanosecondsPerOperation).median }
  /// The same of the floor.
  var floor: Double { rounds.map(\.floor.nanosecondsPerOperation).median }
  /// The floor's time for an operation, divided by ours: the middle one of the rounds' ratios, for
  /// the two halves of a round met the same machine.
  var ratio: Double {
    rounds.map { $0.floor.nanosecondsPerOperation / $0.ours.nanosecondsPerOperation }.median
  }
  /// Latency of single operations: the middle of the rounds' 99th percentiles.
  var ourPercentile99: Double? { rounds.compactMap(\.ours.percentile99).map { Double($0) }.middle }
  var floorPercentile99: Double? {
    rounds.compactMap(\.floor.percentile99).map { Double($0) }.middle
  }

  /// Nil when there is no budget.
  var isMet: Bool? {
    let limitsAreMet = workload.limits.allSatisfy { ourFigures[$0.key] ?? .max <= $0.value }
    switch workload.budget {
    case .ratio(let least): return ratio >= least && limitsAreMet
    case .multiple(let most): return 1 / ratio <= most && limitsAreMet
    case nil: return workload.limits.isEmpty ? nil : limitsAreMet
    }
  }
}

extension [Double] {
  /// The middle element by size. The array must not be empty.
  var median: Double { sorted()[count / 2] }
  /// The same, nil for an empty array.
  var middle: Double? { isEmpty ? nil : median }
}
