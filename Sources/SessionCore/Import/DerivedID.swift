#if canImport(FoundationEssentials)
  package import FoundationEssentials
#else
  package import Foundation
#endif

extension UUID {
  /// The UUID that `name` is, or one made from it and its context that is always the same (version
  /// 8, RFC 9562).
  package init(named name: String, in context: String) {
    self = UUIDText.uuid(name) ?? UUID(derivedFrom: [context, name])
  }

  /// A UUID made from texts, always the same one.
  package init(derivedFrom texts: [String]) {
    // FNV-1a, twice with different starts: names must differ, not be secret.
    var low: UInt64 = 0xcbf2_9ce4_8422_2325
    var high: UInt64 = 0x8422_2325_cbf2_9ce4
    for (index, text) in texts.enumerated() {
      if index > 0 { (low, high) = (low &* Self.prime, high &* Self.prime) }
      var text = text
      text.withUTF8 { bytes in
        for byte in bytes {
          low = (low ^ UInt64(byte)) &* Self.prime
          high = (high ^ UInt64(byte)) &* Self.prime
        }
      }
    }
    let words = (low.littleEndian, high.littleEndian)
    var bytes = withUnsafeBytes(of: words) { $0.loadUnaligned(as: uuid_t.self) }
    bytes.6 = 0x80 | (bytes.6 & 0x0F)
    bytes.8 = 0x80 | (bytes.8 & 0x3F)
    self.init(uuid: bytes)
  }

  private static let prime: UInt64 = 0x0000_0100_0000_01b3
}

extension ConversationID {
  /// The id under which an import keeps this conversation for `user` when it is another user's:
  /// always the same one.
  package func derived(for user: UserID) -> ConversationID {
    ConversationID(UUID(derivedFrom: [description, user.name]))
  }
}

extension ElementID {
  /// The id of the copy of this file in the conversation `copy`, as of a message.
  package func copied(into copy: ConversationID) -> ElementID {
    ElementID(MessageID(uuid).copied(into: copy).uuid)
  }
}

extension ArchiveElement {
  /// The same file under another id, and its message under the id that `message` gives.
  package func kept(
    under id: ElementID, message place: (MessageID) -> MessageID
  ) -> ArchiveElement {
    ArchiveElement(
      id: id, message: message.map(place), name: name, kind: kind, mime: mime, path: path, url: url,
      content: content, createdAt: createdAt)
  }
}
