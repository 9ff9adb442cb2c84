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

/// What a journal has put aside so far, in the file with `.rejected` behind its name.
public struct RejectedMessages: Sendable, Hashable {
  /// Lines that were put aside.
  public let count: Int
  /// Bytes of the file.
  public let byteCount: Int
  /// The last of them, oldest first, with the reason of each.
  public let newest: [JournalFlush.Rejection]
}

/// The file beside a journal that keeps what can never be flushed: one JSON object a line, with the
/// reason and the moment. Bounded: what does not fit stays in the journal.
struct RejectedFile: Sendable {
  let path: String
  let byteCountMax: Int
  let probe: JournalFile.Probe?

  private struct Record: Codable {
    var at: Timestamp?
    var reason: String?
    var entry: JournalEntry?
    /// A line that cannot be read, as it stood there.
    var line: String?
    /// The same in Base64, when it is no text.
    var bytes: String?
  }

  /// Adds a message. False when there is no room for it.
  func add(_ entry: JournalEntry, because reason: String) throws -> Bool {
    try add([Record(at: .now(), reason: reason, entry: entry)])
  }

  /// Adds lines that cannot be read. False when there is no room for all of them.
  func add(lines: [[UInt8]], because reason: String) throws -> Bool {
    try add(
      lines.map { line in
        guard let text = String(validating: line, as: UTF8.self) else {
          return Record(at: .now(), reason: reason, bytes: Data(line).base64EncodedString())
        }
        return Record(at: .now(), reason: reason, line: text)
      })
  }

  private func add(_ records: [Record]) throws -> Bool {
    let bytes = try records.flatMap { try Self.encoded($0) }
    return try withFile(creating: true) { descriptor in
      let end = try FileStamp(descriptor: descriptor, path).byteCount
      guard end + bytes.count <= byteCountMax else { return false }
      // One that was killed in the middle of a line leaves it without an end.
      let isTorn = try end > 0 && PrivateFile.bytes((end - 1)..<end, of: descriptor, path) != [10]
      try probe?("put aside")
      try PrivateFile.write(((isTorn ? [10] : []) + bytes)[...], to: descriptor, path)
      try probe?("sync what was put aside")
      guard fsync(descriptor) == 0 else { throw PrivateFile.failure("written", path) }
      return true
    } ?? false
  }

  private static func encoded(_ record: Record) throws -> [UInt8] {
    let encoder = JSONEncoder()
    encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
    return Array(try encoder.encode(record)) + [10]
  }

  /// What was put aside.
  ///
  /// - Complexity: O(file).
  func summary(newest limit: Int) throws -> RejectedMessages {
    let bytes = try bytes()
    let lines = bytes.split(separator: 10)
    return RejectedMessages(
      count: lines.count, byteCount: bytes.count,
      newest: lines.suffix(limit).map { line in
        let record = Self.record(line)
        return JournalFlush.Rejection(
          conversation: record?.entry?.thread, message: record?.entry?.message.id,
          reason: record?.reason ?? "put aside by an earlier version")
      })
  }

  /// Removes the messages for which `isRemoved` holds.
  ///
  /// - Returns: How many lines were removed.
  func remove(
    keepingUnreadable: Bool, where isRemoved: (JournalEntry) -> Bool
  ) throws -> Int {
    let lines = try bytes().split(separator: 10)
    let kept = lines.filter { line in
      Self.record(line)?.entry.map { !isRemoved($0) } ?? keepingUnreadable
    }
    let temporary = path + ".new"
    unlink(temporary)
    guard kept.count < lines.count else { return 0 }
    let descriptor = try PrivateFile.make(temporary)
    defer { _ = close(descriptor) }
    let bytes: [UInt8] = kept.flatMap { $0 + [10] }
    try PrivateFile.write(bytes[...], to: descriptor, path)
    guard fsync(descriptor) == 0, rename(temporary, path) == 0 else {
      throw PrivateFile.failure("replaced", path)
    }
    try PrivateFile.syncDirectory(of: path)
    return lines.count - kept.count
  }

  /// A line of today's form, or of an earlier version, which wrote the journal's own.
  private static func record(_ line: ArraySlice<UInt8>) -> Record? {
    if case .entry(let entry)? = JournalLine.lines(of: Array(line) + [10]).first?.content {
      return Record(entry: entry)
    }
    return try? JSONDecoder().decode(Record.self, from: Data(line))
  }

  private func bytes() throws -> [UInt8] {
    try withFile(creating: false) { descriptor in
      let end = try FileStamp(descriptor: descriptor, path).byteCount
      return try PrivateFile.bytes(0..<end, of: descriptor, path)
    } ?? []
  }

  private func withFile<Value>(
    creating: Bool, _ body: (Int32) throws -> Value
  ) throws -> Value? {
    guard let descriptor = try PrivateFile.open(path, creating: creating) else { return nil }
    defer { _ = close(descriptor) }
    return try body(descriptor)
  }
}
