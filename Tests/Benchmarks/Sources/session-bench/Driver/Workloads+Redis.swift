extension Workload {
  static var redis: [Workload] { commands + appends }

  private static var commands: [Workload] {
    let depths = [(1, 4000, 0.65, 0.85), (64, 200_000, 0.45, 0.7), (512, 400_000, 0.4, 0.6)]
    var all: [Workload] = []
    for (way, isLoop) in [("tasks", false), ("loop", true)] {
      for (depth, count, budget, budgetOnLoop) in depths {
        all.append(
          Workload(
            name: "redis.get.\(way).\(depth)", ours: ["redis", way, "\(depth)", "\(count)"],
            floor: ["@redis", "get", "\(depth)", "\(count)"],
            budget: .ratio(isLoop ? budgetOnLoop : budget)))
      }
    }
    for depth in [64, 512] {
      all.append(
        Workload(
          name: "redis.get.pipeline.\(depth)",
          ours: ["redis", "pipeline", "\(depth)", "400000"],
          floor: ["@redis", "get", "\(depth)", "400000"], budget: .ratio(0.9)))
    }
    return all
  }

  private static var appends: [Workload] {
    let all = [
      ("append", 1, 2000, 0.75), ("append", 64, 10_000, 0.85), ("append", 512, 10_000, 0.9),
      ("turn", 1, 1000, 0.65), ("turn", 64, 5000, 0.75),
    ]
    return all.map { operation, tasks, count, budget in
      let ours = ["redis-store", operation, "\(tasks)", "\(count)"]
      return Workload(
        name: "redis.\(operation).\(tasks)", ours: ours,
        floor: ["@redis", "replay", operation, "\(tasks)", "{self}", "worker"] + ours,
        budget: .ratio(budget))
    }
  }
}
