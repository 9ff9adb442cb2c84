import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("The archive on a bad network", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct ArchiveFaultTests {
  /// Runs `body` with a proxy in front of the server, and what a client needs to go through it.
  private func withProxy(
    _ body: (TestDatabase, FaultProxy, MySQLConfiguration) async throws -> Void
  ) async throws {
    try await TestDatabase.with { database in
      try await MySQLArchive(client: database.client).prepare()
      guard case .host(_, let port) = database.configuration.address else { return }
      let proxy = try FaultProxy(targetPort: port)
      var configuration = database.configuration
      configuration.address = .host("127.0.0.1", port: proxy.port)
      try await body(database, proxy, configuration)
      await proxy.close()
    }
  }

  private func message(_ text: String) -> Message {
    Message(id: .generate(), role: .user, content: text, createdAt: .now())
  }

  @Test("T2 A message is stored once, wherever its connection breaks and however often it is tried")
  func anyPlace() async throws {
    try await withProxy { database, proxy, configuration in
      let client = MySQLClient(configuration)
      let archive = MySQLArchive(client: client)
      let user = try UserID("Awa")
      let thread = ConversationID.generate()
      var expected: [MessageID] = []
      var failureCount = 0
      for direction in FaultProxy.Direction.allCases {
        for byteCount in stride(from: 0, to: 1600, by: 97) {
          let message = message("\(direction) \(byteCount)")
          expected.append(message.id)
          await proxy.set(.cut, after: byteCount, bytes: direction)
          while true {
            do {
              _ = try await archive.append(message, to: thread, of: user)
              break
            } catch let error as ArchiveError where error.code == .unavailable {
              failureCount += 1
            }
          }
          await proxy.set(.none)
        }
      }
      let read = try await MySQLArchive(client: database.client)
        .newestMessages(in: thread, of: user, limit: 1000)
      #expect(read.map(\.id) == expected)
      #expect(failureCount > 0)
      await client.close()
    }
  }

  @Test("T1 Of 64 writers whose connections break again and again, no acknowledged message is lost")
  func manyWriters() async throws {
    try await withProxy { database, proxy, configuration in
      let client = MySQLClient(configuration)
      let archive = MySQLArchive(client: client)
      try await archive.prepare()
      let user = try UserID("Awa")
      let threads = (0..<64).map { _ in ConversationID.generate() }
      let stored = Locked<[ConversationID: [MessageID]]>([:])
      let failed = Locked<Set<MessageID>>([])
      let done = Locked(0)
      try await withThrowingTaskGroup(of: Void.self) { group in
        for thread in threads {
          group.addTask {
            for number in 0..<12 {
              let message = message("\(number)")
              do {
                let receipt = try await archive.append(message, to: thread, of: user)
                let last = stored.withLock { $0[thread]?.last }
                if let last, failed.withLock(\.isEmpty) { #expect(receipt.previous == last) }
                stored.withLock { $0[thread, default: []].append(message.id) }
              } catch let error as ArchiveError where error.code == .unavailable {
                _ = failed.withLock { $0.insert(message.id) }
              }
            }
            done.withLock { $0 += 1 }
          }
        }
        var random = RepeatableRandom(seed: 64)
        while done.withLock({ $0 }) < threads.count {
          let before = proxy.counts.bytesToTarget
          let count = Int.random(in: 500...20_000, using: &random)
          await proxy.set(.cut, after: count, bytes: .toTarget)
          await proxy.wait { counts in
            counts.bytesToTarget >= before + count || done.withLock { $0 } == threads.count
              || counts.open == 0
          }
        }
        await proxy.set(.none)
        try await group.waitForAll()
      }
      await client.close()
      let reader = MySQLArchive(client: database.client)
      for thread in threads {
        let read = try await reader.newestMessages(in: thread, of: user, limit: 1000).map(\.id)
        let acknowledged = stored.withLock { $0[thread] ?? [] }
        let doubtful = failed.withLock(\.self)
        #expect(read.filter { !doubtful.contains($0) } == acknowledged)
        #expect(Set(read).count == read.count)
      }
    }
  }

  @Test("A server that is away is told at once, and the next call finds it when it is back")
  func away() async throws {
    try await withProxy { _, proxy, configuration in
      let client = MySQLClient(configuration)
      let archive = MySQLArchive(client: client)
      let user = try UserID("Awa")
      let message = message("x")
      let thread = ConversationID.generate()
      _ = try await archive.append(message, to: thread, of: user)
      await proxy.set(.refuse)
      for _ in 1...3 {
        let error = await #expect(throws: ArchiveError.self) {
          _ = try await archive.newestMessages(in: thread, of: user, limit: 1)
        }
        #expect(error?.code == .unavailable)
        #expect(error?.mayHaveActed == false)
      }
      await proxy.set(.none)
      #expect(try await archive.newestMessages(in: thread, of: user, limit: 1) == [message])
      await client.close()
    }
  }

  @Test("A server that swallows everything is given up after the time that is set")
  func blackhole() async throws {
    try await withProxy { _, proxy, configuration in
      var configuration = configuration
      configuration.jobTimeout = .milliseconds(200)
      configuration.stopTimeout = .milliseconds(200)
      configuration.connectionCountMax = 1
      let client = MySQLClient(configuration)
      try await client.execute("DO 1")
      await proxy.set(.blackhole)
      let error = await #expect(throws: MySQLError.self) { try await client.execute("DO 1") }
      #expect(error?.code == .timedOut)
      #expect(error?.mayHaveActed == true)
      await proxy.set(.none)
      _ = try await client.query("SELECT 1")
      await client.close()
    }
  }
}
