#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A UUID as text, by hand: a window of two hundred messages holds hundreds of them, and Foundation
/// takes four to ten times as long.
enum UUIDText {
  static let byteCount = 36
  private static let digits = Array("0123456789abcdef".utf8)

  /// Reads the 36-character form, in any case. Nil when it is not a UUID.
  ///
  /// - Complexity: O(1).
  static func uuid(_ text: String) -> UUID? {
    var text = text
    return text.withUTF8 { uuid($0) }
  }

  /// As the one above, of UTF-8.
  static func uuid(_ text: UnsafeBufferPointer<UInt8>) -> UUID? {
    guard text.count == byteCount else { return nil }
    var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    let isValid = withUnsafeMutableBytes(of: &bytes) { bytes in
      var offset = 0
      for index in bytes.indices {
        if hasDashBefore(index) {
          guard text[offset] == UInt8(ascii: "-") else { return false }
          offset += 1
        }
        guard let high = nibble(text[offset]), let low = nibble(text[offset + 1]) else {
          return false
        }
        bytes[index] = high << 4 | low
        offset += 2
      }
      return true
    }
    return isValid ? UUID(uuid: bytes) : nil
  }

  /// The 36-character form in small letters.
  ///
  /// - Complexity: O(1).
  static func text(_ uuid: UUID) -> String {
    withUnsafeBytes(of: uuid.uuid) { bytes in
      String(unsafeUninitializedCapacity: byteCount) { text in
        digits.withUnsafeBufferPointer { digits in
          var offset = 0
          for index in bytes.indices {
            if hasDashBefore(index) {
              text[offset] = UInt8(ascii: "-")
              offset += 1
            }
            text[offset] = digits[Int(bytes[index] >> 4)]
            text[offset + 1] = digits[Int(bytes[index] & 0xF)]
            offset += 2
          }
          return offset
        }
      }
    }
  }

  private static func hasDashBefore(_ index: Int) -> Bool {
    index == 4 || index == 6 || index == 8 || index == 10
  }

  private static func nibble(_ digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit & 0xF
    case UInt8(ascii: "a")...UInt8(ascii: "f"), UInt8(ascii: "A")...UInt8(ascii: "F"):
      (digit & 0xF) + 9
    default: nil
    }
  }
}
