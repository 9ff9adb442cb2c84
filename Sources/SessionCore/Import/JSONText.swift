/// Mends JSON that other programs write.
enum JSONText {
  /// The text with the control characters in its strings escaped, as they should be.
  static func escapingControls(in text: [UInt8]) -> [UInt8] {
    var escaped: [UInt8] = []
    escaped.reserveCapacity(text.count + 64)
    var isInString = false
    var isEscape = false
    for byte in text {
      if isInString, byte < 0x20 {
        let digits = String(byte, radix: 16)
        // Behind a backslash the character stands for itself.
        if isEscape { escaped.removeLast() }
        escaped += (byte < 0x10 ? "\\u000" : "\\u00").utf8
        escaped += digits.utf8
        isEscape = false
        continue
      }
      if byte == UInt8(ascii: "\""), !isEscape { isInString.toggle() }
      isEscape = isInString && !isEscape && byte == UInt8(ascii: "\\")
      escaped.append(byte)
    }
    return escaped
  }
}
