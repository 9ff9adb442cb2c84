import Foundation
import TestSupport
import Testing

@testable import RedisKit

@Suite("What connections leave behind", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct ConnectionLeakTests {
  // In processes of their own: other tests open and close descriptors all the time.
  @Test("10,000 connects and closes leave no descriptor and no memory")
  func connects() async throws {
    let server = try await PrivateRedis()
    let job = "connects \(server.port) \(server.socketPath)"
    #expect(try await WorkerProcesses.run([job]) == [0])
    await server.kill()
  }

  @Test("10,000 attempts in vain leave no descriptor and no memory")
  func failures() async throws {
    #expect(try await WorkerProcesses.run(["failures"]) == [0])
  }

  /// Connects and closes 10,000 times, and looks at the process after 2,000 and at the end;
  /// `isServed` says whether somebody is there.
  static func connect(to addresses: [RedisConfiguration.Address], isServed: Bool) async throws {
    try await connect(2000, to: addresses, isServed)
    let (descriptors, memory) = (try openDescriptorCount(), peakMemory())
    try await connect(8000, to: addresses, isServed)
    // The threads that connected last may be about to give theirs back.
    #expect(try openDescriptorCount() <= descriptors + 32)
    #expect(peakMemory() - memory < 8 << 20)
  }

  private static func connect(
    _ count: Int, to addresses: [RedisConfiguration.Address], _ isServed: Bool
  ) async throws {
    try await withThrowingTaskGroup { group in
      for worker in 0..<8 {
        group.addTask {
          for number in 0..<count / 8 {
            let address = addresses[(worker + number) % addresses.count]
            var configuration = RedisConfiguration(address: address)
            configuration.connectTimeout = .seconds(30)
            configuration.commandTimeout = .seconds(30)
            let client = RedisClient(configuration)
            let answer = try? await client.send(RedisCommand("PING"))
            #expect(answer == (isServed ? .status("PONG") : nil))
            await client.close()
          }
        }
      }
      try await group.waitForAll()
    }
  }
}

private func openDescriptorCount() throws -> Int {
  try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
}

/// The most memory that the process ever had, in bytes.
private func peakMemory() -> Int {
  var usage = rusage()
  // The process itself; Linux gives the constant another type than the parameter.
  getrusage(0, &usage)
  #if canImport(Darwin)
    return usage.ru_maxrss
  #else
    return usage.ru_maxrss * 1024
  #endif
}
