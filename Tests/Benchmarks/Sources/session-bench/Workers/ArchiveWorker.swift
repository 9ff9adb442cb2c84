import Foundation
import MySQLKit
import SessionCore

/// The archive in a database, on 16 connections:
///
/// - `archive append TASKS OPERATIONS`: each task adds messages of 200 bytes to a thread of its
/// own.
/// - `archive newest TASKS OPERATIONS THREAD MESSAGES`: the newest 50 of a thread of so many.
/// - `archive page OPERATIONS USER THREADS`: the first 20 threads of a user with so many.
struct ArchiveWorker: Worker {
  private enum Work {
    case append
    case newest(ConversationID)
    case page
  }

  private let work: Work
  private let user: UserID
  private let taskCount: Int
  private let operationCount: Int
  private let client: MySQLClient
  private let archive: MySQLArchive
  private(set) var figures: [String: Int] = [:]

  init(_ parameters: [String]) async throws {
    var configuration = try MySQLConfiguration(url: environment("DATABASE_URL"))
    configuration.connectionCountMax = 16
    configuration.jobTimeout = .seconds(300)
    client = MySQLClient(configuration)
    archive = MySQLArchive(client: client)
    try await archive.prepare()
    let filler = ArchiveFiller(client: client)
    switch (parameters.first, parameters.count) {
    case ("append", 3):
      work = .append
      (taskCount, operationCount) = try (number(parameters[1]), number(parameters[2]))
      user = try UserID("bench")
    case ("newest", 5):
      guard let thread = ConversationID(parameters[3]) else { throw BenchError("not a thread") }
      work = .newest(thread)
      (taskCount, operationCount) = try (number(parameters[1]), number(parameters[2]))
      user = try UserID("bench")
      try await filler.fill(thread, of: user, messageCount: number(parameters[4]))
    case ("page", 4):
      work = .page
      (taskCount, operationCount) = try (1, number(parameters[1]))
      user = try UserID(parameters[2])
      try await filler.fill(user, threadCount: number(parameters[3]))
    default: throw BenchError("see ArchiveWorker")
    }
    let before = try await ServerCounts.read(mysql: client)
    let round = try await round()
    let after = try await ServerCounts.read(mysql: client)
    figures = after.since(before, per: round.operationCount)
  }

  func round() async throws -> Round {
    let threads = (0..<taskCount).map { _ in ConversationID.generate() }
    return try await runTasks(taskCount, operationCount) { [archive, user, work] task, _ in
      switch work {
      case .append:
        let message = Message(
          id: .generate(), role: .user, content: benchText, createdAt: .now())
        guard try await archive.append(message, to: threads[task], of: user).isNew else {
          throw BenchError("the message was there")
        }
      case .newest(let thread):
        let messages = try await archive.newestMessages(in: thread, of: user, limit: 50)
        guard messages.count == 50 else { throw BenchError("\(messages.count) messages, not 50") }
      case .page:
        let page = try await archive.threads(of: user, page: PageRequest(limit: 20))
        guard page.elements.count == 20 else { throw BenchError("not 20 threads") }
      }
    }
  }

  func end() async throws { await client.close() }
}

/// 200 bytes.
let benchText = String(repeating: "Il était une fois, ", count: 10)

private func number(_ text: String) throws -> Int {
  guard let number = Int(text), number > 0 else { throw BenchError("not a number: \(text)") }
  return number
}
