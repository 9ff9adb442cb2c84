extension UnsafeBufferPointer<UInt8> {
  /// Where, from `start` on, the first byte is that is more than itself in a JSON string: a quote,
  /// a backslash or a control character. The end of the bytes, or `start` behind it, when there is
  /// none.
  ///
  /// Most of a document is within strings, so it looks at eight bytes at a time.
  @inline(__always)
  func firstInString(from start: Int) -> Int {
    var index = start
    // No load reaches behind the end: the last bytes are looked at one by one.
    while index <= count - 8 {
      let word = UInt64(
        littleEndian: UnsafeRawBufferPointer(self).loadUnaligned(
          fromByteOffset: index, as: UInt64.self))
      let marks =
        word.bytes(below: 0x20) | (word ^ 0x2222_2222_2222_2222).bytes(below: 1)
        | (word ^ 0x5C5C_5C5C_5C5C_5C5C).bytes(below: 1)
      if marks != 0 { return index + marks.trailingZeroBitCount / 8 }
      index += 8
    }
    while index < count {
      switch self[index] {
      case 0..<0x20, UInt8(ascii: "\""), UInt8(ascii: "\\"): return index
      default: index += 1
      }
    }
    return index
  }

  /// The number that four hexadecimal digits spell; nil when they are not that.
  func hexadecimal(at start: Int) -> UInt32? {
    guard start + 4 <= count,
      self[start..<start + 4].allSatisfy({ Character(Unicode.Scalar($0)).isHexDigit })
    else { return nil }
    return UInt32(String(decoding: self[start..<start + 4], as: UTF8.self), radix: 16)
  }
}

extension UInt64 {
  /// The highest bit of each of its bytes that is less than `limit`, which is at most 0x80. Bits
  /// above the lowest one that is set may be wrong, for the subtraction borrows.
  @inline(__always)
  fileprivate func bytes(below limit: UInt64) -> UInt64 {
    (self &- 0x0101_0101_0101_0101 &* limit) & ~self & 0x8080_8080_8080_8080
  }
}
