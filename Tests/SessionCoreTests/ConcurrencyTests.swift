import TestSupport
import Testing

@testable import SessionCore

@Suite("Work that is shared")
struct ConcurrencyTests {
  @Test("T7 A caller that is cancelled stops waiting at once, and stops nobody else")
  func cancelledCaller() async throws {
    let flights = SingleFlight<String, Int>()
    let gate = Gate()
    let first = Task {
      try await flights.run("a") {
        try await gate.pass()
        return 1
      }
    }
    await gate.waitForArrivals(1)
    let second = Task { try await flights.run("a") { 2 } }
    while flights.callerCount(of: "a") < 2 { await Task.yield() }
    first.cancel()
    await #expect(throws: CancellationError.self) { try await first.value }
    gate.open()
    #expect(try await second.value == 1)
    #expect(try await flights.run("a") { 3 } == 3)
  }

  @Test("Work that fails fails for all who share it, and is begun anew after that")
  func failure() async throws {
    struct Broken: Error {}
    let flights = SingleFlight<String, Int>()
    let gate = Gate()
    try await withThrowingTaskGroup { group in
      for _ in 0..<5 {
        group.addTask {
          await #expect(throws: Broken.self) {
            _ = try await flights.run("a") {
              try await gate.pass()
              throw Broken()
            }
          }
        }
      }
      while flights.callerCount(of: "a") < 5 { await Task.yield() }
      gate.open()
      try await group.waitForAll()
    }
    #expect(try await flights.run("a") { 1 } == 1)
  }

  @Test("An actor on a thread of its own keeps its order, and its thread ends with it")
  func threadExecutor() async throws {
    actor Counter {
      private let executor: ThreadExecutor
      private var numbers: [Int] = []
      nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }
      init() throws { executor = try ThreadExecutor() }
      func add(_ number: Int) -> Int {
        numbers.append(number)
        return numbers.count
      }
    }
    for _ in 0..<50 {
      let counter = try Counter()
      let count = try await withThrowingTaskGroup(of: Int.self) { group in
        for number in 0..<20 { group.addTask { await counter.add(number) } }
        return try await group.reduce(0) { max($0, $1) }
      }
      #expect(count == 20)
    }
  }
}
