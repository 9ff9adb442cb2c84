import Foundation
import MySQLKit
import SessionCore

/// `journal MESSAGES`: turns of one conversation on a database that is there; the floor of
/// itself.
///
/// Its set-up fills a journal with so many messages of 100 conversations, opens it beside the
/// archive, and tells how long the journal took to become empty (`flush-ms`) and what a turn of
/// another conversation took meanwhile, in percent of its usual time (`turn-percent`).
struct JournalWorker: Worker {
  private static let conversationCount = 100

  private let client: MySQLClient
  private let archive: MySQLArchive
  private let user: UserID
  private(set) var figures: [String: Int] = [:]

  init(_ parameters: [String]) async throws {
    guard parameters.count == 1, let messageCount = Int(parameters[0]), messageCount > 0 else {
      throw BenchError("journal MESSAGES")
    }
    var configuration = try MySQLConfiguration(url: environment("DATABASE_URL"))
    configuration.connectionCountMax = 16
    client = MySQLClient(configuration)
    archive = MySQLArchive(client: client)
    try await archive.prepare()
    user = try UserID("bench")
    let usual = try await turns(on: service(journal: nil), count: 200).median
    let directory = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(
      at: directory, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
    defer { try? FileManager.default.removeItem(at: directory) }
    let path = directory.appending(path: "journal").path
    try await fill(path, messageCount: messageCount)
    let start = Clock.wall()
    let service = try service(journal: path)
    var meanwhile: [Double] = []
    while service.statistics.journalDepth > 0 {
      meanwhile += try await turns(on: service, count: 1)
    }
    figures = [
      "flush-ms": Int((Clock.wall() - start) / 1_000_000),
      "turn-percent": Int((meanwhile.middle ?? 0) / usual * 100),
    ]
  }

  func round() async throws -> Round {
    let latencies = try await turns(on: service(journal: nil), count: 100).map { UInt64($0) }
    return Round(
      operationCount: latencies.count, nanoseconds: latencies.reduce(0, +), latencies: latencies)
  }

  func end() async throws { await client.close() }

  private func service(journal: String?) throws -> ChatService {
    try ChatService(
      sessions: InMemorySessionStore(), archive: archive, responder: InstantResponder(),
      journal: journal)
  }

  /// Nanoseconds of turns, one after the other, of one conversation.
  private func turns(on service: ChatService, count: Int) async throws -> [Double] {
    let conversation = ConversationID.generate()
    var latencies: [Double] = []
    for _ in 0..<count {
      let start = Clock.wall()
      _ = try await service.ask(benchText, in: conversation, as: user)
      latencies.append(Double(Clock.wall() - start))
    }
    return latencies
  }

  /// Makes turns that the database does not see.
  private func fill(_ path: String, messageCount: Int) async throws {
    var nowhere = try MySQLConfiguration(url: "mysql://nobody@127.0.0.1:1/none")
    nowhere.connectTimeout = .milliseconds(100)
    let service = try ChatService(
      sessions: InMemorySessionStore(), archive: MySQLArchive(client: MySQLClient(nowhere)),
      responder: InstantResponder(), journal: path)
    for _ in 0..<Self.conversationCount {
      let conversation = ConversationID.generate()
      for _ in 0..<max(messageCount / Self.conversationCount / 2, 1) {
        _ = try await service.ask(benchText, in: conversation, as: user)
      }
    }
    await service.close(within: .zero)
  }
}
