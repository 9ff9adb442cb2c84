extension Workload {
  /// A streamed answer of 2,000 pieces.
  static var streams: [Workload] {
    [("last", Budget.ratio(0.8)), ("first", Budget.multiple(2))].map { what, budget in
      Workload(
        name: "sse.2000.\(what)", ours: ["stream", what, "{port}", "60"],
        floor: ["@sse", what, "{port}", "60"], budget: budget, helper: ["@sse-server", "2000"])
    }
  }

  /// A whole turn on both tiers: beside what the original sends for one, from C, and beside the
  /// least
  /// that a turn can be.
  ///
  /// The budgets, 2 and 8, are against the original itself. Its drivers, aiomysql and redis-py,
  /// take
  /// 2.0 and 2.7 times as long as C for the same statements, so against C they are 1 and 3; see
  /// `original_turn.py`.
  static var turns: [Workload] {
    [(1, 1, 200, 1.0), (64, 10, 1280, 3.0)].flatMap { sessions, lanes, count, budget in
      let ours = ["turn", "\(sessions)", "\(count)"]
      return [
        Workload(
          name: "turn.original.\(sessions)", ours: ours,
          floor: ["@turn", "original", "\(lanes)", "\(count)"], budget: .ratio(budget)),
        Workload(
          name: "turn.least.\(sessions)", ours: ours,
          floor: ["@turn", "least", "\(min(sessions, 16))", "{self}", "worker"] + ours),
      ]
    }
  }

  /// A turn that is read piece by piece through the sequence of its events, beside the same turn
  /// taken whole; and a journal of 10,000 messages that drains, at 3,900 messages a second or more,
  /// while a turn elsewhere takes twice its usual time at most.
  static var services: [Workload] {
    [(1, 200), (64, 1280)].map { sessions, count in
      Workload(
        name: "turn.sequence.\(sessions)", ours: ["sequence", "stream", "\(sessions)", "\(count)"],
        floor: ["sequence", "ask", "\(sessions)", "\(count)"], budget: .ratio(0.9))
    } + [
      Workload(
        name: "turn.journal", ours: ["journal", "10000"], floor: ["journal", "100"],
        limits: ["flush-ms": 2564, "turn-percent": 200])
    ]
  }

  /// A turn that is traced to a server which hangs, beside one that is not traced: it may take one
  /// millisecond more.
  static var tracedTurns: [Workload] {
    [
      Workload(
        name: "trace.hung", ours: ["traced-turn", "hung", "2000"],
        floor: ["traced-turn", "off", "2000"], limits: ["added-ns": 1_000_000])
    ]
  }

  /// The program, from its start to its first prompt, with both servers up.
  static var startUps: [Workload] {
    [
      Workload(
        name: "chat-cli.start", ours: ["@startup", "prompt", "5", "{chat-cli}"],
        floor: ["@startup", "clients", "5"], budget: .multiple(2),
        limits: ["peak-KiB": 30 * 1024])
    ]
  }
}
