import SessionCore
import TerminalKit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

extension Runner {
  func export(to path: String?) async throws {
    try await export(to: path, try await connect(.archive))
  }

  func export(to path: String?, _ backends: Backends) async throws {
    var file: OutputFile?
    if let path { file = try await OutputFile.open(path) }
    let output = file
    let counts = Locked(RestoreCounts())
    let console = console
    do {
      try await Progress.shown(on: console) { progress in
        try await backends.archive.export(of: settings.user) { record in
          let line = try record.line()
          if let output {
            try await output.write(line + [0x0A])
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

  /// Takes files in; none, or `-`, is the standard input.
  ///
  /// - Returns: Done, unless something was left out and nothing was taken.
  func takeIn(_ paths: [String]) async throws -> ExitCode {
    // All of them are opened before anything is done: one that cannot be read is told at once.
    let files = try (paths.isEmpty ? ["-"] : paths).map { path in
      let file = try InputFile(path == "-" ? nil : path)
      try ForeignFormat.check(file.start, of: file.name)
      return file
    }
    let backends = try await connect(.archive)
    let report = try await Progress.shown(on: console) {
      try await takeIn(files, backends, $0)
    }
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(ImportObject(report, of: settings.user, texts)))
    }
    for line in texts.skipped(report) { await console.warn(line) }
    for line in texts.repaired(report) { await console.note(line) }
    let taken = report.counts
    if taken.threads + taken.steps + taken.elements + taken.known == 0, report.isFailure {
      await console.fail(texts.nothingTaken)
      return report.isUnreadable ? .usage : .failed
    }
    if !settings.isJSON { await console.note(texts.imported(taken)) }
    return .done
  }

  private func takeIn(
    _ files: [InputFile], _ backends: Backends, _ progress: Progress
  ) async throws -> ImportReport {
    var work = ArchiveImport(into: backends.archive, of: settings.user)
    let whole = files.reduce(Int?.some(0)) { sum, file in
      file.byteCount.flatMap { count in sum.map { $0 + count } }
    }
    var byteCount = 0
    for file in files {
      work.begin(file: files.count > 1 ? file.name : nil)
      var isFirst = true
      while let bytes = try await file.next() {
        if isFirst { try ForeignFormat.check(bytes, of: file.name) }
        isFirst = false
        try await work.add(bytes)
        byteCount += bytes.count
        await progress.update(
          count: work.counts.steps + work.counts.known, texts.messagesUnit, part: byteCount,
          of: whole)
      }
      try await work.endFile()
    }
    return try await work.finish()
  }

  func forget(_ user: UserID) async throws {
    let backends = try await connect(.archive)
    let receipt = try await backends.service.forget(user, dryRun: settings.isDryRun)
    let counts = receipt.archive
    // What was typed here was this user's, whatever names it was said under.
    let isTypist = user == settings.user && !settings.isDryRun
    let history = StateDirectory.path(
      of: "history", environment: ProcessFacts.environment())
    let typed = try isTypist ? history.map { path in try History.erase(path) } ?? 0 : 0
    if settings.isJSON {
      try await console.answerLine(
        JSONLine.of(
          ForgetObject(
            user: user.name, dryRun: settings.isDryRun, threads: counts.threads,
            messages: counts.steps, elements: counts.elements, feedback: counts.feedbacks,
            sessions: receipt.sessions, journaled: receipt.journaled, typed: typed)))
    } else {
      await console.note(texts.forgot(user, counts, isDryRun: settings.isDryRun))
    }
  }

  func prune(days: Int) async throws {
    let backends = try await connect(.archive)
    // The server's clock: one that is wrong here must not remove what was said today.
    let moment = try await wiring.serverTime() + .seconds(-days * 86_400)
    // Counting is quick beside removing, and says how much is left to do.
    var counts = try await backends.service.prune(untouchedSince: moment, dryRun: true)
    if !settings.isDryRun {
      let unit = texts.threadsUnit
      let whole = counts.threads
      counts = try await Progress.shown(on: console) { progress in
        try await backends.service.prune(untouchedSince: moment) {
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

extension ImportReport {
  /// Whether something was left out that a person may have wanted: a conversation in which nothing
  /// was said is none.
  fileprivate var isFailure: Bool { skipped.contains { $0.reason != .empty } }

  /// Whether what was left out cannot be read.
  fileprivate var isUnreadable: Bool {
    skipped.contains { [.notJSON, .cut, .unknownKind].contains($0.reason) }
  }
}
