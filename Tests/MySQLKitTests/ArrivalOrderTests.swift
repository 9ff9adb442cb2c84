import SessionCore
import TestSupport
import Testing

@testable import MySQLKit

@Suite("Rows in any order", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct ArrivalOrderTests {
  /// A step as Chainlit writes it.
  private struct Step {
    var id = UUIDText.make()
    let type: String
    let text: String
    var parent: String?
    /// Seconds after the conversation began.
    let at: Double
  }

  private let thread = ConversationID.generate()
  private let start = Timestamp(milliseconds: 1_795_390_000_000)

  private func insert(_ steps: [Step], _ client: MySQLClient) async throws {
    for step in steps {
      try await client.execute(
        """
        INSERT INTO Step (id, threadId, parentId, name, type, output, metadata, tags, createdAt)
        VALUES (?, ?, ?, 'Awa', ?, ?, '{}', '{}', ?)
        """,
        [
          .text(step.id), .text(thread.description), MySQLValue(step.parent), .text(step.type),
          .text(step.text),
          MySQLValue(microseconds: start.milliseconds * 1000 + Int64(step.at * 1_000_000)),
        ])
    }
  }

  private func insertThread(_ client: MySQLClient) async throws {
    let person = UUIDText.make()
    try await client.execute(
      "INSERT INTO User (id, identifier, metadata) VALUES (?, 'Awa', '{}')", [.text(person)])
    try await client.execute(
      "INSERT INTO Thread (id, name, userId) VALUES (?, 'x', ?)",
      [.text(thread.description), .text(person)])
  }

  /// A question, the run for it and two answers, at these seconds.
  private func turn(_ number: Int, at seconds: [Double]) -> [Step] {
    let question = Step(type: "user_message", text: "q\(number)", at: seconds[0])
    let run = Step(type: "run", text: "", parent: question.id, at: seconds[1])
    let answers = [2, 3].map { index in
      Step(
        type: "assistant_message", text: "a\(number)\(index)", parent: run.id, at: seconds[index])
    }
    return [question, run] + answers
  }

  private func check(
    _ archive: MySQLArchive, _ expected: [String], _ user: UserID, _ note: String
  ) async throws {
    for limit in 1...(expected.count + 1) {
      let newest = try await archive.newestMessages(in: thread, of: user, limit: limit)
      #expect(newest.map(\.content) == expected.suffix(limit), "\(note), newest \(limit)")
      var listed: [Message] = []
      var cursor: PageCursor?
      repeat {
        let page = try await archive.messages(
          in: thread, of: user, page: PageRequest(after: cursor, limit: limit))
        listed += page.elements
        cursor = page.next
      } while cursor != nil
      #expect(listed.map(\.content) == expected, "\(note), pages of \(limit)")
      for (index, message) in listed.enumerated() where limit == 1 {
        let count = try await archive.messageCount(in: thread, of: user, through: message.id)
        #expect(count == index + 1, "\(note), count through \(message.content)")
      }
    }
  }

  @Test("A6 Steps that Chainlit inserts before and beside their thread are all there, in order")
  func chainlit() async throws {
    for seed in 0..<6 as Range<UInt64> {
      try await TestDatabase.with { database in
        var random = RepeatableRandom(seed: seed)
        let archive = MySQLArchive(client: database.client)
        try await archive.prepare()
        let user = try UserID("Awa")
        // Of whole seconds, as the original's layer writes them, or exact.
        let step = seed.isMultiple(of: 2) ? 0 : 0.01
        let turns = (0..<3).map { number in
          turn(number, at: (0..<4).map { Double(number * 7) + Double($0) * step })
        }
        // In a run answers of one time have no order but the one they came in.
        let expected = turns.flatMap { turn in
          turn.filter { $0.type != "run" }.map(\.text)
        }
        for (number, turn) in turns.enumerated() {
          var steps = turn.shuffled(using: &random)
          if step == 0 {
            let answers = turn.filter { $0.type == "assistant_message" }
            var next = 0
            for index in steps.indices where steps[index].type == "assistant_message" {
              steps[index] = answers[next]
              next += 1
            }
          }
          try await insert(Array(steps.prefix(2)), database.client)
          if number == 0 { try await insertThread(database.client) }
          try await insert(Array(steps.dropFirst(2)), database.client)
        }
        try await check(archive, expected, user, "seed \(seed)")

        // What was said is copied and taken back in the order in which it was said.
        let messages = try await archive.newestMessages(in: thread, of: user, limit: 99)
        let copy = ConversationID.generate()
        for (index, message) in messages.enumerated().reversed() {
          let fork = try await archive.fork(
            thread, of: user, through: message.id, into: index == 4 ? copy : .generate())
          #expect(fork.messageCount == index + 1)
        }
        let copied = try await archive.newestMessages(in: copy, of: user, limit: 99)
        #expect(copied.map(\.content) == Array(expected.prefix(5)))
        #expect(try await archive.rewind(thread, of: user, to: messages[4].id) == 4)
        try await check(archive, Array(expected.prefix(5)), user, "seed \(seed), rewound")
        let counts = try await archive.delete(thread, of: user)
        #expect(counts == DeletionCounts(threads: 1, steps: 12, elements: 0, feedbacks: 0))
        let left = try await database.client.query(
          "SELECT COUNT(*) FROM Step WHERE threadId = ?", [.text(thread.description)])
        #expect(try left[0].integer(0) == 0)
      }
    }
  }

  @Test(
    "A6 A thread that was copied row by row in any order is read page by page, each message once")
  func copied() async throws {
    try await TestDatabase.with { database in
      var random = RepeatableRandom(seed: 7)
      let archive = MySQLArchive(client: database.client)
      try await archive.prepare()
      try await insertThread(database.client)
      let steps = (0..<300).map { number in
        Step(
          type: number % 2 == 0 ? "user_message" : "assistant_message", text: "\(number)",
          at: Double(number))
      }
      try await insert(steps.shuffled(using: &random), database.client)
      let user = try UserID("Awa")
      var listed: [String] = []
      var cursor: PageCursor?
      repeat {
        let page = try await archive.messages(
          in: thread, of: user, page: PageRequest(after: cursor, limit: 7))
        listed += page.elements.map(\.content)
        cursor = page.next
      } while cursor != nil
      #expect(listed == steps.map(\.text))
      let newest = try await archive.newestMessages(in: thread, of: user, limit: 9)
      #expect(newest.map(\.content) == steps.suffix(9).map(\.text))
    }
  }

  @Test("T3 Nothing that another program writes moves past a row of ours, whatever its clock says")
  func clocks() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      let user = try UserID("Awa")
      func say(_ text: String) async throws {
        let message = Message(id: .generate(), role: .user, content: text, createdAt: start)
        _ = try await archive.append(message, to: thread, of: user)
      }
      try await say("first")
      try await insert(turn(1, at: [-600, -599, -598, -597]).reversed(), database.client)
      try await say("second")
      try await insert(turn(2, at: [900, 901, 902, 903]).reversed(), database.client)
      try await say("third")
      let expected = ["first", "q1", "a12", "a13", "second", "q2", "a22", "a23", "third"]
      try await check(archive, expected, user, "clocks")
    }
  }

  @Test("A6 A thread that is made by an append takes over the steps that were there before it")
  func unwritten() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      try await archive.prepare()
      let user = try UserID("Awa")
      let steps = turn(0, at: [0, 0.1, 0.2, 0.3])
      try await insert(steps, database.client)
      #expect(try await archive.newestMessages(in: thread, of: user, limit: 9).isEmpty)
      let message = Message(id: .generate(), role: .user, content: "new", createdAt: start)
      let receipt = try await archive.append(message, to: thread, of: user)
      #expect(receipt.previous?.description == steps[3].id)
      try await check(archive, ["q0", "a02", "a03", "new"], user, "unwritten")
    }
  }

  @Test("A4 Forgetting a user takes along steps whose thread was never written, and files by step")
  func forgotten() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      try await archive.prepare()
      let steps = turn(0, at: [0, 1, 2, 3])
      try await insert(steps, database.client)
      try await database.client.execute(
        "INSERT INTO Element (id, forId, name) VALUES (?, ?, 'f')",
        [.text(UUIDText.make()), .text(steps[0].id)])
      let user = try UserID("Awa")
      let expected = DeletionCounts(threads: 0, steps: 4, elements: 1, feedbacks: 0)
      #expect(try await archive.forget(user, dryRun: true) == expected)
      #expect(try await archive.forget(user, dryRun: false) == expected)
      for table in ["Step", "Element"] {
        let left = try await database.client.query("SELECT COUNT(*) FROM \(table)")
        #expect(try left[0].integer(0) == 0, "\(table)")
      }
    }
  }

  @Test("A6 Threads that nobody owns are counted, and given to a user: all, or those of one name")
  func adoption() async throws {
    try await TestDatabase.with { database in
      let archive = MySQLArchive(client: database.client)
      try await archive.prepare()
      try await insert(turn(0, at: [0, 1, 2, 3]), database.client)
      for id in [thread, .generate()] {
        try await database.client.execute(
          "INSERT INTO Thread (id, name) VALUES (?, 'x')", [.text(id.description)])
      }
      let user = try UserID("Bineta")
      let all = AdoptionCounts(threads: 2, messages: 3)
      let named = AdoptionCounts(threads: 1, messages: 3)
      #expect(try await archive.ownerlessThreads() == all)
      #expect(try await archive.ownerlessThreads(named: "Awa") == named)
      #expect(try await archive.ownerlessThreads(named: "awa").threads == 0)
      #expect(try await archive.adopt(by: user, named: "Awa") == named)
      #expect(try await archive.threads(of: user, page: .init()).elements.map(\.id) == [thread])
      #expect(
        try await archive.adopt(by: user) == AdoptionCounts(threads: 1, messages: 0))
      #expect(try await archive.threads(of: user, page: .init()).elements.count == 2)
      #expect(try await archive.adopt(by: user).threads == 0)
    }
  }
}
