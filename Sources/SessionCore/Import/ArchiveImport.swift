/// Takes files in, record by record, and says what it left out.
///
/// A file is our own export, the `conversations.json` of a ChatGPT export, or OpenAI chat messages;
/// as a JSON list, as JSON Lines, or as documents one after another. It is read in pieces: no more
/// than one record is held, a conversation or a line, besides what waits to be written.
///
/// Taking the same files in again changes nothing, for the same user or another one.
public struct ArchiveImport: Sendable {
  /// The longest record, in bytes.
  public static let recordByteCountMax = 128 << 20

  private let archive: any CompleteArchive
  private let user: UserID
  private let now: Timestamp
  private var splitter = JSONRecordSplitter(byteCountMax: Self.recordByteCountMax)
  private var file: String?
  /// The messages that make a conversation together with those that come next.
  private var loose: (conversation: OpenAIConversation, place: ImportPlace, byteCount: Int)?
  private var batch: [(record: ArchiveRecord, place: ImportPlace)] = []
  private var byteCount = 0
  private var report = ImportReport()

  /// Messages without a conversation around them that are held until it ends, in bytes.
  private static let looseByteCountMax = 32 << 20
  /// Records that are written together, and the bytes that they came from.
  private static let batchCountMax = 512
  private static let batchByteCountMax = 4 << 20

  /// An import into `archive`, as `user`'s, whoever's export it was.
  ///
  /// - Parameters:
  ///   - archive: Where it goes.
  ///   - user: Whose it becomes.
  ///   - now: The time of what tells none.
  public init(
    into archive: any CompleteArchive, of user: UserID, at now: Timestamp = .now()
  ) {
    self.archive = archive
    self.user = user
    self.now = now
  }

  /// What was written so far, and what was there already.
  public var counts: RestoreCounts { report.counts }

  /// Begins a file; the bytes that are added next are its.
  ///
  /// - Parameter name: What remarks call it.
  public mutating func begin(file name: String?) {
    file = name
    splitter = JSONRecordSplitter(byteCountMax: Self.recordByteCountMax)
  }

  /// Takes the next bytes of a file in, however they are cut.
  ///
  /// - Throws: `ArchiveError` when the archive is away, `CancellationError`. What came before is
  ///   stored already.
  public mutating func add(_ bytes: [UInt8]) async throws {
    for piece in splitter.feed(bytes) { try await take(piece) }
  }

  /// Takes the end of a file in.
  public mutating func endFile() async throws {
    for piece in splitter.finish() { try await take(piece) }
    try await endLooseMessages()
  }

  /// Writes what is left, and returns what was brought in all.
  public mutating func finish() async throws -> ImportReport {
    try await endFile()
    try await flush()
    return report
  }

  private mutating func take(_ piece: JSONRecordSplitter.Piece) async throws {
    try Task.checkCancellation()
    let place = ImportPlace(file: file, line: piece.line, number: piece.number)
    let reason: ImportRemark.Reason
    switch piece.kind {
    case .endOfList: return try await endLooseMessages()
    case .whole, .bare: return try await read(piece, at: place)
    case .cut: reason = .cut
    case .tooLong: reason = .tooLong(limit: Self.recordByteCountMax)
    }
    report.add(ImportRemark(place: place, id: nil, title: nil, reason: reason))
  }

  private mutating func read(
    _ piece: JSONRecordSplitter.Piece, at place: ImportPlace
  ) async throws {
    var found = Self.read(piece.bytes, at: now)
    // Some programs write line breaks and tabs into strings as they are.
    if found == nil { found = Self.read(JSONText.escapingControls(in: piece.bytes), at: now) }
    guard let (record, id, title) = found else {
      return report.add(ImportRemark(place: place, id: nil, title: nil, reason: .notJSON))
    }
    try await take(record, id, title, at: place, byteCount: piece.bytes.count)
  }

  private static func read(
    _ bytes: [UInt8], at now: Timestamp
  ) -> (record: ImportedRecord, id: String?, title: String?)? {
    bytes.withUnsafeBufferPointer { try? ImportedRecord.read($0, at: now) }
  }

  private mutating func take(
    _ record: ImportedRecord, _ id: String?, _ title: String?, at place: ImportPlace,
    byteCount: Int
  ) async throws {
    func remark(_ reason: ImportRemark.Reason) -> ImportRemark {
      ImportRemark(place: place, id: id, title: title, reason: reason)
    }
    switch record {
    case .own(let record):
      try await endLooseMessages()
      try await add(record, at: place, byteCount: byteCount)
    case .conversation(let conversation):
      try await endLooseMessages()
      guard let conversation else { return report.add(remark(.empty)) }
      if let repair = conversation.repair { report.add(remark(repair)) }
      try await add(conversation, at: place, byteCount: byteCount)
    case .message(let message):
      var (conversation, start, count) = loose ?? (OpenAIConversation(), place, 0)
      guard conversation.add(message) else { return report.add(remark(.unknownKind)) }
      count += byteCount
      loose = (conversation, start, count)
      if count > Self.looseByteCountMax { try await endLooseMessages() }
    case .list(let values):
      for value in values {
        let bytes = value.jsonBytes
        guard let (record, id, title) = Self.read(bytes, at: now) else { continue }
        try await take(record, id, title, at: place, byteCount: bytes.count)
      }
    case .unknown: report.add(remark(.unknownKind))
    }
  }

  /// Messages without a conversation around them make one with those beside them.
  private mutating func endLooseMessages() async throws {
    guard let (conversation, place, byteCount) = loose else { return }
    loose = nil
    guard let said = conversation.conversation else {
      return report.add(ImportRemark(place: place, id: nil, title: nil, reason: .empty))
    }
    try await add(said, at: place, byteCount: byteCount)
  }

  private mutating func add(
    _ conversation: ForeignConversation, at place: ImportPlace, byteCount: Int
  ) async throws {
    report.leftOut.merge(conversation.leftOut, uniquingKeysWith: +)
    let records = conversation.records(at: now)
    for record in records {
      try await add(record, at: place, byteCount: byteCount / records.count)
    }
  }

  private mutating func add(
    _ record: ArchiveRecord, at place: ImportPlace, byteCount: Int
  ) async throws {
    batch.append((record, place))
    self.byteCount += byteCount
    if batch.count >= Self.batchCountMax || self.byteCount >= Self.batchByteCountMax {
      try await flush()
    }
  }

  private mutating func flush() async throws {
    if batch.isEmpty { return }
    let outcome = try await archive.restore(batch.map(\.record), of: user)
    report.counts += outcome.counts
    for (index, error) in outcome.refused.sorted(by: { $0.key < $1.key }) {
      let (record, place) = batch[index]
      report.add(
        ImportRemark(place: place, id: record.id, title: record.title, reason: .refused(error)))
    }
    batch.removeAll(keepingCapacity: true)
    byteCount = 0
  }
}

extension ArchiveRecord {
  fileprivate var id: String? {
    switch self {
    case .user: nil
    case .thread(let record): record.id.description
    case .step(let record): record.id.description
    case .element(let record): record.element.id.description
    }
  }

  /// What a person knows it by.
  fileprivate var title: String? {
    switch self {
    case .user(let name): name
    case .thread(let record): record.name
    case .step(let record): record.message.flatMap { ThreadName.suggested(by: $0.content) }
    case .element(let record): record.element.name
    }
  }
}
