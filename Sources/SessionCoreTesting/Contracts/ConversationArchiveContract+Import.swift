import SessionCore
import Testing

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension ConversationArchiveContract {
  /// What becomes of records that an archive cannot take as they are.
  static let importRules: [Rule] = [
    Rule("A8 Another user's export is taken in under ids of its own, the same each time") { shelf in
      let archive = shelf.archive
      try await shelf.fill()
      let lines = try await shelf.lines(of: archive)
      let stranger = try shelf.user("Bineta")
      let first = try await shelf.report(lines, into: archive, as: stranger)
      #expect(first.skipped.isEmpty)
      #expect(first.counts.threads == 2 && first.counts.steps == 8 && first.counts.elements == 2)
      let theirs = try await shelf.lines(of: archive, as: "Bineta")
      let again = try await shelf.report(lines, into: archive, as: stranger).counts
      #expect(again.threads + again.steps + again.elements == 0 && again.known == 12)
      #expect(try await shelf.lines(of: archive, as: "Bineta") == theirs)
      #expect(try await shelf.lines(of: archive) == lines, "the owner's are as they were")
      let threads = try await archive.threads(of: stranger, page: .init()).elements
      let copy = try #require(threads.first { $0.messageCount > 2 })
      #expect(copy.id != shelf.thread && copy.id != shelf.other)
      let said = try await archive.newestMessages(in: copy.id, of: stranger, limit: 9)
      let original = try await archive.newestMessages(
        in: shelf.thread, of: shelf.user(), limit: 9)
      #expect(said == original.map { $0.copied(into: copy.id) })
      let feedback = try await archive.feedback(in: copy.id, of: stranger)
      #expect(feedback.keys.allSatisfy { id in said.contains { $0.id == id } })
      let files = try await archive.elements(in: copy.id, of: stranger)
      #expect(files.compactMap(\.message) == [said[0].id])
      // Their export goes back as it is, also after the first owner has gone.
      _ = try await archive.forget(shelf.user(), dryRun: false)
      _ = try await archive.forget(stranger, dryRun: false)
      _ = try await shelf.report(theirs, into: archive, as: stranger)
      #expect(try await shelf.lines(of: archive, as: "Bineta") == theirs)
    },
    Rule("A8 What cannot be read is left out with its place, and the rest is taken in") { shelf in
      let archive = shelf.archive
      try await shelf.fill()
      var lines = try await shelf.lines(of: archive)
      let whole = lines.count
      _ = try await archive.forget(shelf.user(), dryRun: false)
      let bad = [
        "x", "{}", "{\"type\":\"user\",\"version\":99,\"user\":\"a\"}", "[1", "{\"a\":\"b",
      ]
      for (index, text) in bad.enumerated() {
        lines.insert(Data(text.utf8), at: 2 * index + 1)
      }
      let report = try await shelf.report(lines, into: archive)
      #expect(report.skipped.map(\.place.line) == [2, 4, 6, 8, 10])
      #expect(
        report.skipped.map(\.reason) == [.notJSON, .unknownKind, .unknownKind, .unknownKind, .cut])
      let counts = report.counts
      #expect(counts.threads + counts.steps + counts.elements == whole - 1)
    },
    Rule("A8 A record that the archive does not take is named, and the rest is taken in") {
      shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      let thread = ThreadRecord(
        id: shelf.thread, name: String(repeating: "n", count: 300), createdAt: Shelf.start,
        lastActivity: Shelf.start)
      let messages = (0..<5).map { shelf.message("message \($0)") }
      var records = messages.map { message in
        ArchiveRecord.step(StepRecord(thread: shelf.thread, id: message.id, message: message))
      }
      records[1] = .step(StepRecord(thread: shelf.other, id: .generate(), message: nil))
      records[3] = .step(
        StepRecord(thread: shelf.thread, id: .generate(), message: messages[3]))
      let outcome = try await archive.restore([.thread(thread)] + records, of: user)
      #expect(outcome.refused.mapValues(\.code) == [2: .notFound, 4: .refused])
      #expect(outcome.counts.steps == 3 && outcome.counts.threads == 1)
      let said = try await archive.newestMessages(in: shelf.thread, of: user, limit: 9)
      #expect(said == [messages[0], messages[2], messages[4]])
    },
    Rule("A8 A message id that is used in another thread is scoped by its own, as a fork's") {
      shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      let said = try await shelf.say(["un", "deux"])
      let last = shelf.message("trois")
      let record = ThreadRecord(
        id: shelf.other, name: "Branche", createdAt: Shelf.start, lastActivity: Shelf.start)
      let records =
        [ArchiveRecord.thread(record)]
        + (said + [last]).map { .step(StepRecord(thread: shelf.other, id: $0.id, message: $0)) }
      for pass in 1...2 {
        let outcome = try await archive.restore(records, of: user)
        #expect(outcome.refused.isEmpty)
        #expect(outcome.counts.steps == (pass == 1 ? 3 : 0))
      }
      #expect(
        try await archive.newestMessages(in: shelf.other, of: user, limit: 9)
          == said.map { $0.copied(into: shelf.other) } + [last])
      #expect(try await archive.newestMessages(in: shelf.thread, of: user, limit: 9) == said)
    },
    Rule("A8 A later export adds what is new, and the last activity follows") { shelf in
      let archive = shelf.archive
      let user = try shelf.user()
      let later = Shelf.start + .seconds(3600)
      func records(_ count: Int, _ activity: Timestamp, isGuessed: Bool = false) -> [ArchiveRecord]
      {
        var thread = ThreadRecord(
          id: shelf.thread, name: "Fil", createdAt: Shelf.start, lastActivity: activity)
        thread.isActivityGuessed = isGuessed
        return [.thread(thread)]
          + messages[..<count].map {
            .step(StepRecord(thread: shelf.thread, id: $0.id, message: $0))
          }
      }
      let messages = [shelf.message("un"), shelf.message("deux", at: later)]
      _ = try await archive.restore(records(1, Shelf.start), of: user)
      _ = try await archive.restore(records(2, later), of: user)
      #expect(try await archive.thread(shelf.thread, of: user).lastActivity == later)
      for (activity, isGuessed) in [(Shelf.start, false), (later + .seconds(1), true)] {
        _ = try await archive.restore(records(2, activity, isGuessed: isGuessed), of: user)
        #expect(try await archive.thread(shelf.thread, of: user).lastActivity == later)
      }
      #expect(try await archive.thread(shelf.thread, of: user).messageCount == 2)
    },
  ]
}

extension Shelf {
  func take(_ lines: [Data], into archive: any CompleteArchive) async throws -> RestoreCounts {
    let report = try await report(lines, into: archive)
    #expect(report.skipped.isEmpty)
    return report.counts
  }

  /// Takes lines in, in small pieces.
  func report(
    _ lines: [Data], into archive: any CompleteArchive, as user: UserID? = nil
  ) async throws -> ImportReport {
    var reading = ArchiveImport(into: archive, of: try user ?? self.user())
    let bytes = [UInt8](lines.joined(separator: [0x0A]))
    for start in stride(from: 0, to: bytes.count, by: 1000) {
      try await reading.add(Array(bytes[start..<min(start + 1000, bytes.count)]))
    }
    return try await reading.finish()
  }
}
