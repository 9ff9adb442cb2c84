#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

extension MessageJournal {
  /// Removes what waits of a conversation, and what was put aside of it.
  ///
  /// - Returns: How many messages were removed.
  /// - Throws: ``JournalError``, also when another process that sends does not come to an end
  ///   within ``Limits/lockTimeout``.
  func remove(_ thread: ConversationID, of user: UserID) async throws -> Int {
    try await remove(keepingUnreadable: true) { $0.thread == thread && $0.user == user }
  }

  /// Removes every message of a user: what waits, what was sent and is still there, and what was
  /// put aside. Lines that cannot be read go too, whoever wrote them: they may be of this user.
  ///
  /// - Returns: How many lines were removed.
  /// - Throws: As ``remove(_:of:)``.
  func forget(_ user: UserID) async throws -> Int {
    try await remove(keepingUnreadable: false) { $0.user == user }
  }

  private func remove(
    keepingUnreadable: Bool, where isRemoved: (JournalEntry) -> Bool
  ) async throws -> Int {
    // What is under way would come back behind the removal.
    while drainLock.isHeld { _ = try? await drains.run(path) { .busy(process: nil) } }
    try drainLock.lock(within: limits.lockTimeout)
    defer { drainLock.unlock() }
    return try withFile {
      func isRemovedLine(_ line: JournalContents.Line) -> Bool {
        line.entry.map(isRemoved) ?? !keepingUnreadable
      }
      let count = contents.withLock { $0.lines }.count { $0.isWaiting && isRemovedLine($0) }
      try file.replace { !isRemovedLine($0) }
      return count
        + (try rejects.remove(keepingUnreadable: keepingUnreadable, where: isRemoved))
    }
  }

  /// Takes over what waits in a file that an earlier version kept under another name, and removes
  /// that file. Nothing happens when there is none.
  ///
  /// - Returns: How many messages were taken over.
  /// - Throws: ``JournalError``, also when a process of that version uses the file. What was not
  ///   taken over stays where it was.
  @discardableResult
  public func takeOver(from earlier: String) throws -> Int {
    guard let descriptor = try PrivateFile.open(earlier, creating: false) else { return 0 }
    defer { _ = close(descriptor) }
    // The lock of that version, which keeps it for a whole flush.
    guard flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      throw JournalError(code: .locked, reason: "another process is using the journal \(earlier)")
    }
    let size = try FileStamp(descriptor: descriptor, earlier).byteCount
    let bytes = try PrivateFile.bytes(0..<size, of: descriptor, earlier)
    var found = JournalContents()
    found.add(JournalLine.lines(of: bytes), of: bytes)
    return try withFile {
      var unread = found.lines.filter { $0.entry == nil }.map { Array(bytes[$0.range]) }
      if found.byteCount < bytes.count { unread.append(Array(bytes[found.byteCount...])) }
      if !unread.isEmpty, try !rejects.add(lines: unread, because: "the line is damaged") {
        throw JournalError(code: .full, reason: "\(rejects.path) is full")
      }
      var entries: [JournalEntry] = []
      for entry in found.lines.compactMap(\.entry) {
        let known = contents.withLock { $0.entry(of: entry.message.id) }
        if known == nil { entries.append(entry) }
        if let known, known.thread != entry.thread || known.user != entry.user,
          try !rejects.add(entry, because: "the id is taken")
        {
          throw JournalError(code: .full, reason: "\(rejects.path) is full")
        }
      }
      try file.append(entries.flatMap { try JournalLine.bytes(of: $0) })
      unlink(earlier)
      try PrivateFile.syncDirectory(of: earlier)
      return entries.count
    }
  }
}
