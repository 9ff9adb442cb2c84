#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Takes an export in, line by line; writes many lines at a time.
public struct ArchiveImport: Sendable {
  /// A line that could not be taken in, and why. What came before it may be stored already; taking
  /// the same lines in again repeats nothing.
  public struct Failure: Error, Sendable, CustomStringConvertible {
    /// The number of the line, from 1; of several that are written together, the last.
    public let line: Int
    /// What is wrong.
    public let reason: String
    /// The error of the archive, when it was one.
    public let cause: ArchiveError?

    /// The line and the reason.
    public var description: String { "line \(line): \(reason)" }
  }

  private let archive: any PortableArchive
  private let user: UserID
  private var batch: [ArchiveRecord] = []
  private var byteCount = 0
  private var lineNumber = 0
  private var counts = RestoreCounts()

  /// Records that are written together, and the bytes of their lines.
  private static let batchCountMax = 256
  private static let batchByteCountMax = 1 << 20

  /// An import into `archive`, as `user`'s, whoever's export it was.
  public init(into archive: any PortableArchive, of user: UserID) {
    self.archive = archive
    self.user = user
  }

  /// Takes a line in; blank ones are passed over.
  ///
  /// - Throws: ``Failure``, `CancellationError`.
  public mutating func add(line: Data) async throws {
    lineNumber += 1
    if line.allSatisfy({ $0 == 32 || (9...13).contains($0) }) { return }
    let record: ArchiveRecord
    do {
      record = try ArchiveRecord(line: line)
    } catch {
      throw Failure(
        line: lineNumber, reason: "this is not a line of an export", cause: nil)
    }
    try await add(record, byteCount: line.count)
  }

  /// Takes a record in that came from somewhere else than a line.
  public mutating func add(_ record: ArchiveRecord, byteCount: Int = 1024) async throws {
    batch.append(record)
    self.byteCount += byteCount
    if batch.count >= Self.batchCountMax || self.byteCount >= Self.batchByteCountMax {
      try await flush()
    }
  }

  /// Writes what is left, and returns what was written in all.
  public mutating func finish() async throws -> RestoreCounts {
    try await flush()
    return counts
  }

  private mutating func flush() async throws {
    if batch.isEmpty { return }
    do {
      counts += try await archive.restore(batch, of: user)
    } catch let error as ArchiveError {
      throw Failure(line: lineNumber, reason: error.reason, cause: error)
    }
    batch.removeAll(keepingCapacity: true)
    byteCount = 0
  }
}
