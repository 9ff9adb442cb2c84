import SessionCore
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ConversationArchiveContract {
  /// For archives whose content can be carried to another one.
  public static let portableRules: [Rule] = [
    Rule("A5 An export that is taken in by an empty archive is exported again to the byte") {
      shelf in
      let archive = shelf.archive
      try await shelf.fill()
      try await shelf.say(["ailleurs"], in: .generate(), as: "Bineta")
      let user = try shelf.user()
      let lines = try await shelf.lines(of: archive)
      #expect(lines.count == 13, "the user, 2 threads, 8 steps, 2 files")
      let memory = InMemoryArchive()
      let counts = try await shelf.take(lines, into: memory)
      #expect(counts.threads == 2 && counts.steps == 8 && counts.elements == 2)
      #expect(try await shelf.lines(of: memory) == lines)
      _ = try await archive.forget(user, dryRun: false)
      #expect(try await shelf.lines(of: archive).count == 1)
      #expect(try await shelf.take(lines, into: archive) == counts)
      #expect(try await shelf.lines(of: archive) == lines)
    },
    Rule("A5 Taking an export in twice changes nothing") { shelf in
      let archive = shelf.archive
      try await shelf.fill()
      let lines = try await shelf.lines(of: archive)
      let again = try await shelf.take(lines, into: archive)
      #expect(again.threads == 0 && again.steps == 0 && again.elements == 0)
      #expect(again.known == lines.count - 1)
      #expect(try await shelf.lines(of: archive) == lines)
    },
    Rule("A5 What is taken in is there as it was: order, judgements, notes, files, rewound") {
      shelf in
      let archive = shelf.archive
      try await shelf.fill()
      let lines = try await shelf.lines(of: archive)
      let user = try shelf.user()
      let before = try await shelf.picture()
      _ = try await archive.forget(user, dryRun: false)
      _ = try await shelf.take(lines, into: archive)
      #expect(try await shelf.picture() == before)
      let last = try await archive.newestMessages(in: shelf.thread, of: user, limit: 1)
      let receipt = try await archive.append(shelf.message("suite"), to: shelf.thread, of: user)
      #expect(receipt.previous == last.first?.id)
    },
    Rule("A4 A forgotten user is gone with everything, and the others stay") { shelf in
      let archive = shelf.archive
      try await shelf.fill()
      let kept = try await shelf.say(["reste"], in: .generate(), as: "Bineta")
      let user = try shelf.user()
      let all = DeletionCounts(threads: 2, steps: 8, elements: 2, feedbacks: 1)
      #expect(try await archive.forget(user, dryRun: true) == all)
      #expect(try await shelf.lines(of: archive).count > 1)
      #expect(try await archive.forget(user, dryRun: false) == all)
      #expect(try await shelf.lines(of: archive).count == 1)
      #expect(
        try await archive.forget(user, dryRun: false)
          == DeletionCounts(threads: 0, steps: 0, elements: 0, feedbacks: 0))
      let bineta = try shelf.user("Bineta")
      let thread = try await archive.threads(of: bineta, page: .init()).elements[0].id
      #expect(try await archive.newestMessages(in: thread, of: bineta, limit: 9) == kept)
    },
    Rule("Pruning removes what was not touched since a moment, favourites left aside") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      var ids: [ConversationID] = []
      for second in 0..<4 {
        let thread = ConversationID.generate()
        ids.append(thread)
        _ = try await archive.append(
          shelf.message(at: Shelf.start + .seconds(second)), to: thread, of: user)
      }
      try await shelf.archive.setNotes(
        ThreadNotes(tags: [], isFavourite: true), on: ids[0], of: user)
      let moment = Shelf.start + .seconds(2)
      for dryRun in [true, false] {
        let counts = try await archive.prune(untouchedSince: moment, dryRun: dryRun)
        #expect(counts == DeletionCounts(threads: 1, steps: 1, elements: 0, feedbacks: 0))
      }
      let left = try await archive.threads(of: user, page: .init()).elements.map(\.id)
      #expect(left == [ids[3], ids[2], ids[0]])
    },
    Rule("A file is kept with its bytes, is listed without them, and belongs to its thread") {
      shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      let message = try await shelf.say(["voici"])[0]
      try await shelf.say(["autre"], in: shelf.other)
      var bytes = Data((0...255).map { UInt8($0) })
      for _ in 0..<10 { bytes += bytes }
      let file = ArchiveElement(
        id: .generate(), message: message.id, name: "é 🇫🇷.bin", mime: "application/x",
        content: bytes, createdAt: Shelf.start)
      let link = ArchiveElement(
        id: .generate(), name: "lien", kind: "image", url: "https://example.org/a.png",
        createdAt: Shelf.start + .seconds(1))
      for element in [file, link, file] {
        try await archive.attach(element, to: shelf.thread, of: user)
      }
      var listed = file
      listed.content = nil
      #expect(try await archive.elements(in: shelf.thread, of: user) == [listed, link])
      #expect(try await archive.element(file.id, in: shelf.thread, of: user) == file)
      #expect(try await archive.element(file.id, in: shelf.other, of: user) == nil)
      let stranger = try shelf.user("Bineta")
      #expect(try await archive.elements(in: shelf.thread, of: stranger).isEmpty)
      #expect(try await archive.element(file.id, in: shelf.thread, of: stranger) == nil)
      for (element, thread, owner, code) in [
        (link, shelf.other, user, ArchiveError.Code.idTaken),
        (link, shelf.thread, stranger, .notFound),
        (link, ConversationID.generate(), user, .notFound),
      ] {
        let thrown = await shelf.code {
          try await archive.attach(element, to: thread, of: owner)
        }
        #expect(thrown == code)
      }
      let counts = try await archive.delete(shelf.thread, of: user)
      #expect(counts.elements == 2)
    },
  ]
}

extension Shelf {
  /// Puts something of every kind into the archive.
  func fill() async throws {
    let user = try user()
    let messages = try await talk(4)
    let answer = Message(
      id: messages[2].id.answer, role: .assistant, content: "a\u{0}b \"é🇫🇷\"\n",
      createdAt: Shelf.start,
      answer: AnswerDetails(
        state: .partial, model: "m", usage: TokenUsage(totalTokenCount: 3), finishReason: "STOP",
        startedAt: Shelf.start), toolCalls: [ToolCall(id: "1", name: "t", arguments: "{}")])
    _ = try await archive.append(answer, to: thread, of: user)
    _ = try await archive.rewind(thread, of: user, to: messages[1].id)
    _ = try await archive.append(message("après"), to: thread, of: user)
    try await say(["deux", "x"], in: other)
    try await archive.setFeedback(
      Feedback(value: .down, comment: "non"), on: messages[1].id, in: thread, of: user)
    try await archive.setNotes(
      ThreadNotes(tags: ["a", "é\""], isFavourite: true), on: thread, of: user)
    try await archive.rename(other, of: user, to: "Autre nom")
    for (name, message) in [("f", messages[0].id), ("g", nil)] as [(String, MessageID?)] {
      try await archive.attach(
        ArchiveElement(
          id: .generate(), message: message, name: name, mime: "text/plain",
          content: Data("octets \(name)".utf8), createdAt: Shelf.start),
        to: thread, of: user)
    }
  }

  /// Everything of a user that can be seen, as text.
  func picture() async throws -> [String] {
    let user = try user()
    var lines: [String] = []
    for thread in try await archive.threads(of: user, page: .init()).elements {
      lines.append("\(thread) \(try await archive.notes(on: thread.id, of: user))")
      let messages = try await archive.messages(in: thread.id, of: user, page: .init())
      let rewound = try await archive.rewoundMessages(in: thread.id, of: user, page: .init())
      lines += (messages.elements + rewound.elements).map { "\($0)" }
      let feedback = try await archive.feedback(in: thread.id, of: user)
      lines += feedback.map { "\($0)" }.sorted()
      for element in try await archive.elements(in: thread.id, of: user) {
        let whole = try await archive.element(element.id, in: thread.id, of: user)
        lines.append("\(element) \(whole?.content.map { [UInt8]($0) } ?? [])")
      }
    }
    return lines
  }

  func lines(of archive: any CompleteArchive, as name: String = "Awa") async throws -> [Data] {
    let lines = Locked<[Data]>([])
    try await archive.export(of: try user(name)) { record in
      let line = try record.line()
      lines.withLock { $0.append(line) }
    }
    return lines.withLock { $0 }
  }
}
