#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

// Each message has an id to read and to write; Foundation takes longer for one than for the rest of
// the message.
extension UUID {
  /// The 36-character form in small letters.
  var text: String {
    String(unsafeUninitializedCapacity: 36) { buffer in
      var position = 0
      withUnsafeBytes(of: uuid) { bytes in
        for (index, byte) in bytes.enumerated() {
          if index == 4 || index == 6 || index == 8 || index == 10 {
            buffer[position] = UInt8(ascii: "-")
            position += 1
          }
          (buffer[position], buffer[position + 1]) = byte.hexadecimal
          position += 2
        }
      }
      return position
    }
  }

  /// Reads the 36-character form, in any case.
  init?(text: String) {
    guard text.utf8.count == 36 else { return nil }
    var digits = text.utf8.makeIterator()
    var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    let isRead = withUnsafeMutableBytes(of: &bytes) { bytes in
      for index in 0..<16 {
        if index == 4 || index == 6 || index == 8 || index == 10 {
          guard digits.next() == UInt8(ascii: "-") else { return false }
        }
        guard let high = digits.next()?.hexDigit, let low = digits.next()?.hexDigit else {
          return false
        }
        bytes[index] = high << 4 | low
      }
      return true
    }
    guard isRead else { return nil }
    self.init(uuid: bytes)
  }

  /// A UUID made from the first sixteen bytes of a SHA-1 digest (version 5, RFC 9562).
  init(namedBy digest: [UInt8]) {
    var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    withUnsafeMutableBytes(of: &bytes) { $0.copyBytes(from: digest.prefix(16)) }
    bytes.6 = 0x50 | (bytes.6 & 0x0F)
    bytes.8 = 0x80 | (bytes.8 & 0x3F)
    self.init(uuid: bytes)
  }
}

extension UInt8 {
  /// Two hexadecimal digits, small letters.
  var hexadecimal: (UInt8, UInt8) { (Self.digit(self >> 4), Self.digit(self & 15)) }

  private static func digit(_ value: UInt8) -> UInt8 {
    value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
  }
}
