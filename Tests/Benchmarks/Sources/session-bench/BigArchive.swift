import MySQLKit
import SessionCore

/// `session-bench big`: how long the reads take in the archive that `make big-archive` makes, one
/// after the other, each for a user and a thread drawn anew.
enum BigArchive {
  private static let sampleCount = 500
  private static let page = PageRequest(limit: 20)

  static func report() async throws {
    let client = MySQLClient(try MySQLConfiguration(url: environment("DATABASE_URL")))
    let counts = try await client.query(
      "SELECT (SELECT COUNT(*) FROM User WHERE identifier LIKE 'big%'), "
        + "(SELECT COUNT(*) FROM Thread), (SELECT COUNT(*) FROM Step)")[0]
    let users = 0..<Int(try counts.integer(0))
    guard !users.isEmpty else { throw BenchError("no big archive is there: make big-archive") }
    say("\(try counts.integer(1)) threads, \(try counts.integer(2)) steps, \(users.count) users")
    let archive = MySQLArchive(client: client)
    var places: [(UserID, ConversationID)] = []
    for _ in 0..<sampleCount {
      let user = try UserID("big\(users.randomElement() ?? 0)")
      let threads = try await archive.threads(of: user, page: PageRequest(limit: 100)).elements
      if let thread = threads.randomElement() { places.append((user, thread.id)) }
    }
    say("\n| Read | median | 95th percentile | longest |\n|---|---:|---:|---:|")
    try await measure("first 20 threads of a user", places) { user, _ in
      try await archive.threads(of: user, page: page).elements.count
    }
    try await measure("newest 50 messages of a thread", places) { user, thread in
      try await archive.newestMessages(in: thread, of: user, limit: 50).count
    }
    try await measure("search: a word of 1 in 5,000 steps", places) { user, _ in
      try await archive.search("fleuve \(Int.random(in: 0..<5000))", of: user, page: page)
        .elements.count
    }
    try await measure("search: a word of every step", places) { user, _ in
      try await archive.search("baobab", of: user, page: page).elements.count
    }
    try await measure("threads with a thumb down", places) { user, _ in
      try await archive.threads(of: user, matching: ThreadFilter(feedback: .down), page: page)
        .elements.count
    }
    await client.close()
  }

  private static func measure(
    _ name: String, _ places: [(UserID, ConversationID)],
    _ read: (UserID, ConversationID) async throws -> Int
  ) async throws {
    var times: [Duration] = []
    var rowCount = 0
    for (user, thread) in places {
      let start = ContinuousClock.now
      rowCount += try await read(user, thread)
      times.append(ContinuousClock.now - start)
    }
    times.sort()
    let shown = [times[times.count / 2], times[times.count * 95 / 100], times[times.count - 1]]
      .map { "\(Double(Int($0 / .microseconds(1))) / 1000) ms" }
    say("| \(name) (\(rowCount / times.count) rows) | \(shown.joined(separator: " | ")) |")
  }
}
