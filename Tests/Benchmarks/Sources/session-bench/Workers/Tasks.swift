import Foundation

/// Runs `operation` `operationCount` times in all, from `taskCount` tasks that each wait for one
/// operation before the next, and times each.
func runTasks(
  _ taskCount: Int, _ operationCount: Int,
  _ operation: @escaping @Sendable () async throws -> Void
) async throws -> Round {
  try await runTasks(taskCount, operationCount) { _, _ in try await operation() }
}

/// The same; `operation` is told the number of its task and the number within the task.
func runTasks(
  _ taskCount: Int, _ operationCount: Int,
  _ operation: @escaping @Sendable (_ task: Int, _ number: Int) async throws -> Void
) async throws -> Round {
  let share = max(operationCount / taskCount, 1)
  let start = Clock.wall()
  let latencies = try await withThrowingTaskGroup(of: [UInt64].self) { group in
    for task in 0..<taskCount {
      group.addTask {
        var latencies: [UInt64] = []
        latencies.reserveCapacity(share)
        for number in 0..<share {
          let start = Clock.wall()
          try await operation(task, number)
          latencies.append(Clock.wall() - start)
        }
        return latencies
      }
    }
    var all: [UInt64] = []
    all.reserveCapacity(share * taskCount)
    for try await latencies in group { all += latencies }
    return all
  }
  return Round(
    operationCount: share * taskCount, nanoseconds: Clock.wall() - start, latencies: latencies)
}

/// The value of an environment variable that has to be set.
func environment(_ name: String) throws -> String {
  guard let value = ProcessInfo.processInfo.environment[name] else {
    throw BenchError("\(name) is not set; see `make bench`")
  }
  return value
}
