extension Workload {
  /// Every workload, in the order of the table.
  static let all =
    tables + stores + redis + archive + streams + turns + services + tracedTurns + startUps

  private static let sizes = [("1k", 1000), ("100k", 100_000), ("1M", 1_000_000)]

  /// The budgets speak of ids of 36 bytes, as they come in. We hold them as the values they are;
  /// the
  /// lines `same` show what is left of the ratio when the floor does so too, and the lines `text`
  /// what it is when the text is read for every single operation.
  private static var tables: [Workload] {
    var all: [Workload] = []
    for operation in ["touch", "insert"] {
      for (label, count) in sizes {
        let operations = count > 10_000 ? 300_000 : 1_000_000
        let floor = [operation, "\(count)", "\(operations)"]
        all.append(
          Workload(
            name: "table.\(operation).\(label)", ours: ["table", "value"] + floor,
            floor: ["@table36"] + floor, budget: .ratio(count < 1_000_000 ? 0.4 : 0.35)))
        all.append(
          Workload(
            name: "table.\(operation).same.\(label)", ours: ["table", "value"] + floor,
            floor: ["@table16"] + floor))
      }
      let floor = [operation, "100000", "300000"]
      all.append(
        Workload(
          name: "table.\(operation).text.100k", ours: ["table", "text"] + floor,
          floor: ["@table36"] + floor))
    }
    return all
  }

  private static var stores: [Workload] {
    ["open", "append"].map { operation in
      let parameters = [operation, "10000", "200000"]
      return Workload(
        name: "store.\(operation)", ours: ["store"] + parameters, floor: ["@store"] + parameters)
    }
  }
}
