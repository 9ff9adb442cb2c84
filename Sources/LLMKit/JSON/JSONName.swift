#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The name of a member, compared where it stands.
///
/// Lives no longer than the closure that it was handed to.
struct JSONName {
  private let raw: UnsafeBufferPointer<UInt8>
  /// The name, when it is written with escapes.
  private let unescaped: String?

  init(raw: UnsafeBufferPointer<UInt8>, unescaped: String?) {
    self.raw = raw
    self.unescaped = unescaped
  }

  var text: String { unescaped ?? String(decoding: raw, as: UTF8.self) }

  static func == (name: JSONName, wanted: StaticString) -> Bool { wanted ~= name }

  static func ~= (wanted: StaticString, name: JSONName) -> Bool {
    if let unescaped = name.unescaped { return unescaped == wanted.description }
    guard let base = name.raw.baseAddress else { return wanted.utf8CodeUnitCount == 0 }
    return wanted.utf8CodeUnitCount == name.raw.count
      && memcmp(wanted.utf8Start, base, name.raw.count) == 0
  }
}
