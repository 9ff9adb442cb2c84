#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// A conversation may be deleted while the session store is away. Its warm copy is still there when
// the store is back, and while the archive is away nobody else knows that it was deleted. The file
// with `.deleted` behind the journal's name holds one `milliseconds id` a line.
extension MessageJournal {
  /// Remembers that a conversation was deleted, and its warm copy could not be removed. Returns
  /// once the disk has it.
  ///
  /// - Parameter oldest: Warm copies from before are gone by themselves. A file of which all is
  ///   older is emptied.
  func noteDeletion(
    of thread: ConversationID, at now: Timestamp, forgettingBefore oldest: Timestamp
  ) throws {
    try withFile {
      guard let descriptor = try PrivateFile.open(deletions) else { return }
      defer { _ = close(descriptor) }
      if try latestDeletions(in: descriptor).values.allSatisfy({ $0 < oldest }) {
        guard ftruncate(descriptor, 0) == 0 else { throw PrivateFile.failure("written", deletions) }
      }
      try PrivateFile.write(
        Array("\(now.milliseconds) \(thread)\n".utf8)[...], to: descriptor, deletions)
      guard fsync(descriptor) == 0 else { throw PrivateFile.failure("made durable", deletions) }
    }
  }

  /// Whether a warm copy of the conversation may be one that was to be removed.
  ///
  /// - Parameter oldest: Warm copies from before are gone by themselves.
  func wasDeleted(_ thread: ConversationID, after oldest: Timestamp) throws -> Bool {
    guard let descriptor = try PrivateFile.open(deletions, creating: false) else { return false }
    defer { _ = close(descriptor) }
    return try latestDeletions(in: descriptor)[thread].map { $0 >= oldest } ?? false
  }

  private var deletions: String { path + ".deleted" }

  /// A line that cannot be read, which a crash cut short, says nothing.
  private func latestDeletions(in descriptor: Int32) throws -> [ConversationID: Timestamp] {
    let size = try FileStamp(descriptor: descriptor, deletions).byteCount
    let bytes = try PrivateFile.bytes(0..<size, of: descriptor, deletions)
    var latest: [ConversationID: Timestamp] = [:]
    for line in bytes.split(separator: UInt8(ascii: "\n")) {
      let words = String(decoding: line, as: UTF8.self).split(separator: " ")
      guard words.count == 2, let time = Int64(words[0]), let id = ConversationID(String(words[1]))
      else { continue }
      latest[id] = Timestamp(milliseconds: time)
    }
    return latest
  }
}
