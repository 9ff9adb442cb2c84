import SessionCore
import TerminalKit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Runner {
  /// Lines of an export hold files.
  private static let lineByteCountMax = 128 * 1024 * 1024
  /// ChatGPT's file is one value and is read whole.
  private static let wholeByteCountMax = 1 << 30

  func export(to path: String?) async throws {
    try await export(to: path, try await connect(.archive))
  }

  func export(to path: String?, _ backends: Backends) async throws {
    let file = try path.map { try OutputFile($0) }
    let counts = Locked(RestoreCounts())
    let console = console
    do {
      try await Progress.shown(on: console) { progress in
        try await backends.archive.export(of: settings.user) { record in
          let line = try record.line()
          if let file {
            try await file.write(line + [0x0A])
          } else {
            try await console.answerLine(String(decoding: line, as: UTF8.self))
          }
          let count = counts.withLock { counts in
            counts.count(record)
            return counts.threads + counts.steps + counts.elements
          }
          await progress.update(count: count, console.texts.linesUnit)
        }
      }
      try await file?.finish()
    } catch {
      await file?.abandon()
      throw error
    }
    let done = counts.withLock { $0 }
    if settings.isJSON, path != nil {
      try await console.answerLine(
        JSONLine.of(
          ExportObject(
            user: settings.user.name, threads: done.threads, messages: done.steps,
            elements: done.elements)))
    } else {
      await console.note(texts.exported(done, to: path))
    }
  }

  func takeIn(_ path: String?) async throws {
    let file = try InputFile(path, lineByteCountMax: Self.lineByteCountMax)
    let backends = try await connect(.archive)
    let counts = try await Progress.shown(on: console) {
      try await takeIn(file, backends, $0)
    }
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(
          ImportObject(
            user: settings.user.name, threads: counts.threads, messages: counts.steps,
            elements: counts.elements, known: counts.known)))
    } else {
      await console.note(texts.imported(counts))
    }
  }

  private func takeIn(
    _ file: InputFile, _ backends: Backends, _ progress: Progress
  ) async throws -> RestoreCounts {
    var work = ArchiveImport(into: backends.archive, of: settings.user)
    var lineNumber = 0
    while let line = try await file.next() {
      lineNumber += 1
      guard case .text(let text) = line else {
        throw Self.unreadable(lineNumber)
      }
      if lineNumber == 1, text.first == "[" {
        for record in try await chatGPTRecords(text, file) { try await work.add(record) }
        break
      }
      try await work.add(line: Data(text.utf8))
      await progress.update(
        count: lineNumber, texts.linesUnit, part: file.lines.byteCount, of: file.byteCount)
    }
    return try await work.finish()
  }

  private func chatGPTRecords(
    _ start: String, _ file: InputFile
  ) async throws -> [ArchiveRecord] {
    var whole = Data(start.utf8)
    while let line = try await file.next() {
      guard case .text(let text) = line, whole.count < Self.wholeByteCountMax else { break }
      whole.append(0x0A)
      whole.append(contentsOf: text.utf8)
    }
    return try ChatGPTExport.records(of: whole)
  }

  private static func unreadable(_ line: Int) -> UsageError {
    UsageError(
      "ligne \(line) : ce n'est pas une ligne d'un export",
      "line \(line): this is not a line of an export")
  }

  func forget(_ user: UserID) async throws {
    let backends = try await connect(.archive)
    let warm = settings.isDryRun ? [] : try await warmConversations(of: user, backends)
    let counts = try await backends.archive.forget(user, dryRun: settings.isDryRun)
    for (id, scope) in warm {
      let reply = try await backends.service.sessions.close(id, in: scope)
      await modes.removed(reply.removals, limit: settings.limits.sessionCountMax)
    }
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(
          ForgetObject(
            user: user.name, dryRun: settings.isDryRun, threads: counts.threads,
            messages: counts.steps, elements: counts.elements, feedback: counts.feedbacks)))
    } else {
      await console.note(texts.forgot(user, counts, isDryRun: settings.isDryRun))
    }
  }

  func prune(days: Int) async throws {
    let backends = try await connect(.archive)
    // The server's clock: one that is wrong here must not remove what was said today.
    let moment = try await wiring.serverTime() + .seconds(-days * 86_400)
    // Counting is quick beside removing, and says how much is left to do.
    var counts = try await backends.archive.prune(untouchedSince: moment, dryRun: true)
    if !settings.isDryRun {
      let unit = texts.threadsUnit
      let whole = counts.threads
      counts = try await Progress.shown(on: console) { progress in
        try await backends.archive.prune(untouchedSince: moment, dryRun: false) {
          await progress.update(count: $0.threads, unit, part: $0.threads, of: whole)
        }
      }
    }
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(
          PruneObject(
            days: days, dryRun: settings.isDryRun, threads: counts.threads,
            messages: counts.steps, elements: counts.elements, feedback: counts.feedbacks)))
    } else {
      await console.note(texts.pruned(counts, days: days, isDryRun: settings.isDryRun))
    }
  }

  /// The sessions of a user, wherever they are warm: in a scope of the user's own, and among those
  /// of all users, where the archive says whose they are.
  private func warmConversations(
    of user: UserID, _ backends: Backends
  ) async throws -> [(ConversationID, Scope)] {
    var found: [(ConversationID, Scope)] = []
    for session in try await backends.service.sessions.list(in: .user(user)).value {
      found.append((session.id, .user(user)))
    }
    for session in try await backends.service.sessions.list(in: .shared).value {
      let messages = try await backends.archive.newestMessages(in: session.id, of: user, limit: 1)
      if !messages.isEmpty { found.append((session.id, .shared)) }
    }
    return found
  }
}

extension RestoreCounts {
  fileprivate mutating func count(_ record: ArchiveRecord) {
    switch record {
    case .user: break
    case .thread: threads += 1
    case .step: steps += 1
    case .element: elements += 1
    }
  }
}
