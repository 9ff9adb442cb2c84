#if canImport(FoundationEssentials)
  public import FoundationEssentials
#else
  public import Foundation
#endif

/// Names a file of a conversation.
public struct ElementID: Sendable, Hashable, UUIDIdentifier {
  /// The UUID itself.
  public let uuid: UUID
  /// Names the file `uuid`.
  public init(_ uuid: UUID) { self.uuid = uuid }

  /// A new name (UUID version 7).
  public static func generate(at time: Timestamp = .now()) -> ElementID {
    ElementID(MessageID.generate(at: time).uuid)
  }
}

/// A file of a conversation: its content, or where that is.
public struct ArchiveElement: Sendable, Hashable, Codable, Identifiable {
  /// Its id.
  public let id: ElementID
  /// The message it belongs to; nil for the thread as a whole.
  public var message: MessageID?
  /// Its name, as a person sees it.
  public var name: String
  /// What it is: `file`, `image`, `text` … as Chainlit names the kinds.
  public var kind: String
  /// Its media type.
  public var mime: String?
  /// Where it is in a file system; nil when the content is here.
  public var path: String?
  /// Where it is on the web; nil when the content is here.
  public var url: String?
  /// Its bytes.
  public var content: Data?
  /// When it was added.
  public var createdAt: Timestamp

  /// A file with every part given.
  public init(
    id: ElementID, message: MessageID? = nil, name: String, kind: String = "file",
    mime: String? = nil, path: String? = nil, url: String? = nil, content: Data? = nil,
    createdAt: Timestamp
  ) {
    self.id = id
    self.message = message
    self.name = name
    self.kind = kind
    self.mime = mime
    self.path = path
    self.url = url
    self.content = content
    self.createdAt = createdAt
  }
}
