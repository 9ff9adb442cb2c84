/// Where a service is: the beginning of all its addresses.
struct ServiceURL: Sendable, Hashable {
  /// Without a slash at the end.
  let text: String

  /// Takes `http://` and `https://` addresses with a host, and perhaps a port and a path.
  ///
  /// - Parameter name: What the address is called where it was set, for the error.
  init(_ text: String, name: String) throws(LLMConfigurationError) {
    let schemes = ["https://", "http://"]
    guard let scheme = schemes.first(where: { text.lowercased().hasPrefix($0) }) else {
      throw LLMConfigurationError(reason: "\(name) must begin with https:// or http://")
    }
    let rest = text.dropFirst(scheme.count)
    let host = rest.prefix { $0 != "/" }
    guard !host.isEmpty, !host.hasPrefix(":") else {
      throw LLMConfigurationError(reason: "\(name) names no host")
    }
    guard !host.contains("@") else {
      throw LLMConfigurationError(reason: "\(name) must not hold a user or a password")
    }
    guard !rest.contains("?"), !rest.contains("#"),
      rest.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F })
    else {
      throw LLMConfigurationError(
        reason: "\(name) must be a plain address, without a query, a fragment or spaces")
    }
    var end = text[...]
    while end.hasSuffix("/") { end = end.dropLast() }
    self.text = String(end)
  }

  /// The address of `path`, which begins with a slash.
  func appending(_ path: String) -> String { text + path }

  /// One part of a path, or of a query, with everything encoded that could mean something else.
  static func encoded(_ part: String) -> String {
    var text = ""
    for byte in part.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
        UInt8(ascii: "_"), UInt8(ascii: "~"):
        text.unicodeScalars.append(Unicode.Scalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        text += digits.count < 2 ? "%0\(digits)" : "%\(digits)"
      }
    }
    return text
  }
}

/// A setting that cannot be used, and why.
public struct LLMConfigurationError: Error, Sendable, Hashable, CustomStringConvertible {
  /// Which setting is wrong and what is accepted; holds no secret.
  public let reason: String
  /// The reason.
  public var description: String { reason }
}
