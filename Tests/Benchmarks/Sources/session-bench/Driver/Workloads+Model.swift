extension Workload {
  /// A streamed answer of 2,000 pieces.
  static var streams: [Workload] {
    [("last", Budget.ratio(0.8)), ("first", Budget.multiple(2))].map { what, budget in
      Workload(
        name: "sse.2000.\(what)", ours: ["stream", what, "{port}", "60"],
        floor: ["@sse", what, "{port}", "60"], budget: budget, helper: ["@sse-server", "2000"])
    }
  }
}
