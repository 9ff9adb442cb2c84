import Foundation
import SessionCore
import TestSupport
import Testing

@testable import RedisKit

/// Copies of the test program that each run one job, as processes of their own.
///
/// Not exit tests: those hold one of Swift's shared threads each until their process has ended.
enum WorkerProcesses {
  private static let variable = "REDISKIT_WORKER_JOB"

  /// The job that this process was started for; nil in the process that runs the tests.
  static let job = ProcessInfo.processInfo.environment[variable]

  /// Starts a process for each job and waits for all of them; the exit status of each is returned.
  static func run(_ jobs: [String]) async throws -> [Int32] {
    try await withThrowingTaskGroup(of: Int32.self) { group in
      for job in jobs { group.addTask { try await run(job) } }
      return try await group.reduce(into: []) { $0.append($1) }
    }
  }

  private static func run(_ job: String) async throws -> Int32 {
    let environment = ProcessInfo.processInfo.environment.merging([variable: job]) { $1 }
    return try await withCheckedThrowingContinuation { continuation in
      do {
        _ = try DedicatedThread {
          continuation.resume(
            with: Result {
              try SpawnedProcess(
                CommandLine.arguments[0], arguments, environment: environment, errors: .shared
              ).wait()
            })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  /// Those of this process, with the filter of the tests replaced by one for the worker.
  private static var arguments: [String] {
    var kept: [String] = []
    var rest = CommandLine.arguments.dropFirst()[...]
    let dropped = ["--filter", "--skip", "--xunit-output", "--attachments-path"]
    while let argument = rest.popFirst() {
      if dropped.contains(argument) { _ = rest.popFirst() } else { kept.append(argument) }
    }
    return kept + ["--filter", "WorkerProcessTests"]
  }
}

@Suite("A worker process", .enabled(if: WorkerProcesses.job != nil))
struct WorkerProcessTests {
  @Test("does the one job that it was started for")
  func work() async throws {
    let parts = (WorkerProcesses.job ?? "").split(separator: " ", maxSplits: 2).map(String.init)
    yieldToOtherProcesses()
    switch parts.first {
    case "operations":
      let number = try #require(Int(parts[1]))
      let place = parts[2].split(separator: " ", maxSplits: 1)
      let port = try #require(UInt16(place[0]))
      try await ProcessWorker(number: number, port: port, directory: String(place[1])).work()
    case "connects":
      let port = try #require(UInt16(parts[1]))
      try await ConnectionLeakTests.connect(
        to: [.tcp(host: "127.0.0.1", port: port), .unix(path: parts[2])], isServed: true)
    default:
      try await ConnectionLeakTests.connect(
        to: [.tcp(host: "127.0.0.1", port: 1), .unix(path: "/nowhere")], isServed: false)
    }
  }
}
