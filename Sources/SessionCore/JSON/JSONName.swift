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
package struct JSONName {
  // Nothing here is counted: a document has more names than values that anybody wants.
  private let quoted: UnsafeBufferPointer<UInt8>
  private let hasEscapes: Bool

  /// - Parameter quoted: The name as it stands in the document, with its quotes.
  init(quoted: UnsafeBufferPointer<UInt8>, hasEscapes: Bool) {
    self.quoted = quoted
    self.hasEscapes = hasEscapes
  }

  package var text: String {
    if hasEscapes {
      var reader = JSONReader(quoted)
      return (try? reader.readString()) ?? ""
    }
    return String(decoding: quoted.dropFirst().dropLast(), as: UTF8.self)
  }

  @inline(__always)
  package static func == (name: JSONName, wanted: StaticString) -> Bool { wanted ~= name }

  @inline(__always)
  package static func ~= (wanted: StaticString, name: JSONName) -> Bool {
    if name.hasEscapes { return name.text == wanted.description }
    guard let base = name.quoted.baseAddress else { return false }
    let count = wanted.utf8CodeUnitCount
    return name.quoted.count == count + 2 && memcmp(wanted.utf8Start, base + 1, count) == 0
  }
}
