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
@_spi(JSON) public struct JSONName {
  // Nothing here is counted: a document has more names than values that anybody wants.
  private let quoted: UnsafeBufferPointer<UInt8>
  private let hasEscapes: Bool
  /// Bytes of the name.
  public let byteCount: Int

  /// - Parameter quoted: The name as it stands in the document, with its quotes.
  init(quoted: UnsafeBufferPointer<UInt8>, hasEscapes: Bool) {
    self.quoted = quoted
    self.hasEscapes = hasEscapes
    byteCount = hasEscapes ? Self.unescaped(quoted).utf8.count : quoted.count - 2
  }

  /// The name.
  public var text: String {
    if hasEscapes { return Self.unescaped(quoted) }
    return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
  }

  /// Whether the name is `wanted`, which has as many bytes.
  public func hasBytes(of wanted: StaticString) -> Bool {
    if hasEscapes { return text == wanted.description }
    guard let base = quoted.baseAddress else { return false }
    return memcmp(wanted.utf8Start, base + 1, byteCount) == 0
  }

  private static func unescaped(_ quoted: UnsafeBufferPointer<UInt8>) -> String {
    var reader = JSONReader(quoted)
    return (try? reader.readString()) ?? ""
  }
}

@_spi(JSON) extension JSONName {
  /// Whether the name is `wanted`.
  @inlinable @inline(__always)
  public static func == (name: JSONName, wanted: StaticString) -> Bool { wanted ~= name }

  /// Whether the name is `wanted`.
  @inlinable @inline(__always)
  public static func ~= (wanted: StaticString, name: JSONName) -> Bool {
    name.byteCount == wanted.utf8CodeUnitCount && name.hasBytes(of: wanted)
  }
}
