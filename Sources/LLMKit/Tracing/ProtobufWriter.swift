/// Writes a message in the binary form of Protocol Buffers: as much of it as traces need.
struct ProtobufWriter {
  private(set) var bytes: [UInt8] = []

  /// A number without sign, written only when it is not 0, as the format has it.
  mutating func varint(_ field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    tag(field, 0)
    append(value)
  }

  /// A number with its sign, also when it is 0.
  mutating func number(_ field: UInt8, _ value: Int64) {
    tag(field, 0)
    append(UInt64(bitPattern: value))
  }

  mutating func fixed64(_ field: UInt8, _ value: UInt64) {
    guard value != 0 else { return }
    tag(field, 1)
    withUnsafeBytes(of: value.littleEndian) { bytes.append(contentsOf: $0) }
  }

  mutating func data(_ field: UInt8, _ value: some Collection<UInt8>) {
    tag(field, 2)
    append(UInt64(value.count))
    bytes.append(contentsOf: value)
  }

  mutating func text(_ field: UInt8, _ value: String) {
    if !value.isEmpty { data(field, value.utf8) }
  }

  /// A message within this one.
  mutating func message(_ field: UInt8, _ body: (inout ProtobufWriter) -> Void) {
    var inner = ProtobufWriter()
    body(&inner)
    data(field, inner.bytes)
  }

  private mutating func tag(_ field: UInt8, _ wireType: UInt8) {
    bytes.append(field << 3 | wireType)
  }

  private mutating func append(_ value: UInt64) {
    var rest = value
    while rest >= 0x80 {
      bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
      rest >>= 7
    }
    bytes.append(UInt8(rest))
  }
}

/// Reads a message in the binary form of Protocol Buffers, field by field.
struct ProtobufReader {
  enum Value: Sendable, Hashable {
    case number(UInt64)
    case data([UInt8])
  }

  /// The fields of `bytes` in their order. Nil when they are no message.
  static func fields(_ bytes: [UInt8]) -> [(number: UInt64, value: Value)]? {
    var reader = ProtobufReader(rest: bytes[...])
    var fields: [(number: UInt64, value: Value)] = []
    while !reader.rest.isEmpty {
      guard let tag = reader.varint(), tag >> 3 > 0, let value = reader.value(tag & 7) else {
        return nil
      }
      fields.append((tag >> 3, value))
    }
    return fields
  }

  private var rest: ArraySlice<UInt8>

  private mutating func value(_ wireType: UInt64) -> Value? {
    switch wireType {
    case 0: varint().map { .number($0) }
    case 1: take(8).map { .number($0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
    case 2: varint().flatMap { Int(exactly: $0) }.flatMap { take($0) }.map { .data(Array($0)) }
    case 5: take(4).map { .number($0.reversed().reduce(0) { $0 << 8 | UInt64($1) }) }
    default: nil
    }
  }

  private mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
    guard count <= rest.count else { return nil }
    defer { rest = rest.dropFirst(count) }
    return rest.prefix(count)
  }

  private mutating func varint() -> UInt64? {
    var value: UInt64 = 0
    for shift in stride(from: UInt64(0), to: 70, by: 7) {
      guard let byte = rest.popFirst() else { return nil }
      value |= UInt64(byte & 0x7F) << shift
      if byte < 0x80 { return value }
    }
    return nil
  }
}
