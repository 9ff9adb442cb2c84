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
