import TableBench

/// `table value|text touch|insert COUNT OPERATIONS`
struct TableWorker: Worker {
  private var rounds: TableRounds
  let figures: [String: Int]

  init(_ parameters: [String]) throws {
    guard parameters.count == 4, let keys = TableKeys(rawValue: parameters[0]),
      let operation = TableOperation(rawValue: parameters[1]), let count = Int(parameters[2]),
      let operationCount = Int(parameters[3])
    else { throw BenchError("table value|text touch|insert COUNT OPERATIONS") }
    rounds = TableRounds(operation, keys: keys, count: count, operationCount: operationCount)
    let before = residentBytes()
    rounds.fill()
    figures = ["bytes": (residentBytes() - before) / count]
  }

  mutating func round() -> Round {
    let start = Clock.processor()
    let operationCount = rounds.run()
    return Round(operationCount: operationCount, nanoseconds: Clock.processor() - start)
  }
}
