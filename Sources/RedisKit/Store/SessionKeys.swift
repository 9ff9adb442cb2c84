import SessionCore

/// The names of a scope's keys.
///
/// Shared: `chat_sessions`, `chat_history:<uuid>`, `chat_meta:<uuid>`. Of a user:
/// `chat_sessions:{<user>}`, `chat_history:{<user>}:<uuid>`, `chat_meta:{<user>}:<uuid>`; the
/// braces put all keys of a scope into one slot of a cluster. All behind the prefix of the store.
///
/// A user's name is written with a percent sign and two hexadecimal digits for every byte that is
/// not a letter or digit of ASCII, `-`, `.`, `_`, `~` or `@`. The percent sign is none of those, so
/// two names that differ in any byte have keys that differ, and no name can end the braces.
struct SessionKeys {
  /// The sorted set of the scope's sessions; score: last use.
  let index: String
  /// What stands before a session's id in the key of its list of messages.
  let historyPrefix: String
  /// What stands before a session's id in the key of its hash.
  let metaPrefix: String

  init(_ scope: Scope, prefix: String) {
    switch scope {
    case .shared:
      index = prefix + "chat_sessions"
      historyPrefix = prefix + "chat_history:"
      metaPrefix = prefix + "chat_meta:"
    case .user(let user):
      let tag = "{" + Self.encode(user.name) + "}"
      index = prefix + "chat_sessions:" + tag
      historyPrefix = prefix + "chat_history:" + tag + ":"
      metaPrefix = prefix + "chat_meta:" + tag + ":"
    }
  }

  /// Whether one hash tag puts all of them into one slot of a cluster.
  var shareSlot: Bool {
    let tag = Slot.hashTag(of: index.utf8).map(Array.init)
    return tag != nil
      && [historyPrefix, metaPrefix].allSatisfy { Slot.hashTag(of: $0.utf8).map(Array.init) == tag }
  }

  /// The scope of a session's hash; nil when the key is no such hash of this store.
  static func scope(ofMetaKey key: [UInt8], prefix: String) -> Scope? {
    let start = Array((prefix + "chat_meta:").utf8)
    guard key.starts(with: start) else { return nil }
    let rest = key.dropFirst(start.count)
    guard rest.first == UInt8(ascii: "{") else { return rest.count == 36 ? .shared : nil }
    guard let end = rest.firstIndex(of: UInt8(ascii: "}")),
      let name = decode(rest[rest.index(after: rest.startIndex)..<end])
    else { return nil }
    return (try? UserID(name)).map(Scope.user)
  }

  /// Undoes ``encode(_:)``.
  private static func decode(_ encoded: ArraySlice<UInt8>) -> String? {
    var bytes: [UInt8] = []
    var rest = encoded
    while let byte = rest.popFirst() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.popFirst()?.hexDigit, let low = rest.popFirst()?.hexDigit else {
        return nil
      }
      bytes.append(high << 4 | low)
    }
    return String(validating: bytes, as: UTF8.self)
  }

  /// Writes a name with letters, digits and a few harmless signs; no two names become one.
  static func encode(_ name: String) -> String {
    var encoded: [UInt8] = []
    encoded.reserveCapacity(name.utf8.count)
    for byte in name.utf8 {
      if isPlain(byte) {
        encoded.append(byte)
      } else {
        encoded += [UInt8(ascii: "%"), Self.hex[Int(byte >> 4)], Self.hex[Int(byte & 15)]]
      }
    }
    return String(decoding: encoded, as: UTF8.self)
  }

  private static let hex = Array("0123456789ABCDEF".utf8)

  private static func isPlain(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
      UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "@"):
      true
    default: false
    }
  }
}
