import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A file as a row of `Element`.
enum ElementRow {
  /// What ``element(from:hasContent:)`` reads, of `Element e`; the content may follow.
  static let columns = """
    e.id, e.forId, e.name, e.type, e.mime, e.path, e.url, e.createdAt
    """

  static func element(
    from row: MySQLRow, hasContent: Bool
  ) throws(MySQLError) -> ArchiveElement? {
    guard let id = ElementID(try row.text(0)) else { return nil }
    let content = hasContent ? try row.bytesOrNil(8) : nil
    return ArchiveElement(
      id: id, message: MessageID(try row.textOrNil(1) ?? ""), name: try row.textOrNil(2) ?? "",
      kind: try row.textOrNil(3) ?? "file", mime: try row.textOrNil(4),
      path: try row.textOrNil(5), url: try row.textOrNil(6), content: content.map { Data($0) },
      createdAt: Timestamp(microseconds: try row.dateTimeOrNil(7)?.microseconds ?? 0))
  }

  /// The columns that tell nothing beyond the file itself, as we write them.
  static func foreign(_ element: ArchiveElement) -> ForeignRow {
    let time = ForeignValue.integer(element.createdAt.columnMicroseconds)
    return ["metadata": .text("{}"), "createdAt": time, "updatedAt": time]
  }

  /// Writes a row.
  static func insert(
    _ element: ArchiveElement, _ row: ForeignRow?, in thread: ConversationID,
    on connection: MySQLConnection
  ) throws {
    try connection.execute(
      """
      INSERT INTO Element
        (id, threadId, forId, name, type, mime, path, url, content, metadata, createdAt, updatedAt)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
      """,
      [
        .text(element.id.description), .text(thread.description),
        MySQLValue(element.message?.description), .text(element.name), .text(element.kind),
        MySQLValue(element.mime), MySQLValue(element.path), MySQLValue(element.url),
        element.content.map { .bytes([UInt8]($0)) } ?? .null,
      ] + ForeignColumns.values(ForeignColumns.element, of: row ?? foreign(element)))
  }

  /// The thread that holds a file; nil when none does.
  static func thread(
    of id: ElementID, on connection: MySQLConnection
  ) throws -> String? {
    try connection.query(
      "SELECT COALESCE(e.threadId, '') FROM Element e WHERE e.id = ?", [.text(id.description)]
    ).first?.text(0)
  }
}
