extension JSONReader {
  /// What kind of value comes next.
  @_spi(JSON) public enum Kind {
    case object, array, string, null, other
  }

  /// What comes next.
  @_spi(JSON) public var next: Kind {
    @inlinable mutating get {
      switch peek() {
      case UInt8(ascii: "{"): .object
      case UInt8(ascii: "["): .array
      case UInt8(ascii: "\""): .string
      case UInt8(ascii: "n"): .null
      default: .other
      }
    }
  }
}
