import LLMKit
import SessionCore

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
    let data = FileManager.default.contents(atPath: path) ?? Data()
    let runs = data.split(separator: UInt8(ascii: "\n")).compactMap {
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
    guard run.sent + run.refused + run.dropped > 0 else { return }
    // One write for a line: those of several runs do not mix.
    save(run, to: path, O_WRONLY | O_APPEND | O_CREAT)
    let size = try? FileManager.default.attributesOfItem(atPath: path)[.size] as? Int
    guard let size, size > Self.byteCountMax, let total else { return }
    let temporary = "\(path).\(getpid())"
    if save(total, to: temporary, O_WRONLY | O_CREAT | O_TRUNC) {
      rename(temporary, path)
    } else {
      unlink(temporary)
    }
  }

  @discardableResult
  private func save(_ counts: Counts, to path: String, _ flags: Int32) -> Bool {
    guard let line = try? JSONLine.of(counts) + "\n" else { return false }
    let descriptor = StateDirectory.open(path, flags)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    let bytes = Array(line.utf8)
    return write(descriptor, bytes, bytes.count) == bytes.count
  }
}
