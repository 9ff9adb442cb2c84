import LLMKit
import SessionCore
import TerminalKit

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif
#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// What became of what was traced, run after run, in a file that its owner alone can read.
///
/// A failure to read or write it is no failure of the run.
struct TracingTally: Sendable {
  /// One run, or all of them together.
  struct Counts: Codable, Sendable, Hashable {
    /// When the run ended; of several, when the first one did. In milliseconds since 1970.
    var at: Int64
    var sent = 0
    var refused = 0
    var dropped = 0
    /// What went wrong last.
    var problem: String?
  }

  /// Bytes of the file above which all runs become one line of it.
  private static let byteCountMax = 64 << 10

  private let path: String

  /// Nil when there is no home to keep it in.
  init?(environment: [String: String]) {
    guard let path = StateDirectory.path(of: "tracing", environment: environment) else {
      return nil
    }
    self.path = path
  }

  /// All runs together; nil when nothing was traced yet.
  var total: Counts? {
    let runs = Data(PrivateFile.contents(of: path)).split(separator: UInt8(ascii: "\n")).compactMap
    {
      try? JSONDecoder().decode(Counts.self, from: $0)
    }
    guard var total = runs.first else { return nil }
    for run in runs.dropFirst() {
      total.sent += run.sent
      total.refused += run.refused
      total.dropped += run.dropped
      // A run in which all went well is the end of an earlier one's trouble.
      total.problem = run.problem
    }
    return total
  }

  /// Adds a run, if anything was traced in it.
  func add(_ statistics: TracingStatistics) {
    let run = Counts(
      at: Timestamp.now().milliseconds, sent: statistics.sentCount,
      refused: statistics.refusedCount, dropped: statistics.droppedCount,
      problem: statistics.refusedCount + statistics.droppedCount > 0
        ? statistics.lastProblem : nil)
    guard run.sent + run.refused + run.dropped > 0, let file = openLocked() else { return }
    defer { close(file) }
    var facts = stat()
    guard save(run, file), fstat(file, &facts) == 0, facts.st_size > Self.byteCountMax, let total
    else { return }
    let temporary = path + ".new"
    let new = PrivateFile.open(temporary, O_WRONLY | O_CREAT | O_TRUNC)
    guard new >= 0 else { return }
    defer { close(new) }
    if !save(total, new) || rename(temporary, path) != 0 { unlink(temporary) }
  }

  /// Opens the file for one more line, when no other run writes it or puts another in its place.
  /// Who has it keeps it no longer than it takes to write a line.
  private func openLocked() -> Int32? {
    while true {
      let file = PrivateFile.open(path, O_WRONLY | O_APPEND | O_CREAT)
      guard file >= 0 else { return nil }
      var opened = stat()
      var named = stat()
      guard flock(file, LOCK_EX) == 0, fstat(file, &opened) == 0 else {
        close(file)
        return nil
      }
      if stat(path, &named) == 0, opened.st_ino == named.st_ino { return file }
      // Another run has put all into one line, in a file of its own.
      close(file)
    }
  }

  private func save(_ counts: Counts, _ file: Int32) -> Bool {
    guard let line = try? JSONLine.of(counts) + "\n" else { return false }
    let bytes = Array(line.utf8)
    return write(file, bytes, bytes.count) == bytes.count
  }
}
