import Foundation
import TestSupport
import Testing

@testable import RedisKit

@Suite("What connections leave behind", .enabled(if: Servers.hasRedis), .timeLimit(.minutes(5)))
struct ConnectionLeakTests {
  @Test("10,000 connects and closes leave no descriptor and no memory")
  func connects() async throws {
    let server = try await PrivateRedis()
    let (port, path) = (server.port, server.socketPath)
    // In a process of its own: other tests open and close descriptors all the time.
    await #expect(processExitsWith: .success) { [port = port as UInt16, path = path as String] in
      yieldToOtherProcesses()
      let addresses: [RedisConfiguration.Address] = [
        .tcp(host: "127.0.0.1", port: port), .unix(path: path),
      ]
      try await connect(2000, to: addresses)
      let (descriptors, memory) = (try openDescriptorCount(), peakMemory())
      try await connect(8000, to: addresses)
      #expect(try openDescriptorCount() <= descriptors)
      #expect(peakMemory() - memory < 8 << 20)
    }
    await server.kill()
  }

  @Test("10,000 attempts in vain leave no descriptor and no memory")
  func failures() async throws {
    await #expect(processExitsWith: .success) {
      yieldToOtherProcesses()
      let addresses: [RedisConfiguration.Address] = [
        .tcp(host: "127.0.0.1", port: 1), .unix(path: "/nowhere"),
      ]
      try await connect(2000, to: addresses, isServed: false)
      let (descriptors, memory) = (try openDescriptorCount(), peakMemory())
      try await connect(8000, to: addresses, isServed: false)
      #expect(try openDescriptorCount() <= descriptors)
      #expect(peakMemory() - memory < 8 << 20)
    }
  }
}

/// Connects and closes so many times; `isServed` says whether somebody is there.
private func connect(
  _ count: Int, to addresses: [RedisConfiguration.Address], isServed: Bool = true
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
