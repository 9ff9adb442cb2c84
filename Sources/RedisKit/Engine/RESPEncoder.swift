/// Writes commands as arrays of bulk strings: the one form that carries any bytes.
enum RESPEncoder {
  static func encode(_ name: String, _ arguments: [RedisArgument]) -> [UInt8] {
    var size = headerSize(arguments.count + 1) + bulkSize(name.utf8.count)
    for argument in arguments { size += bulkSize(argument.byteCount) }
    return [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
      var writer = ByteWriter(buffer)
      writer.header(UInt8(ascii: "*"), arguments.count + 1)
      writer.bulk(name)
      for argument in arguments {
        switch argument {
        case .text(let text): writer.bulk(text)
        case .bytes(let bytes): bytes.withUnsafeBytes { writer.bulk($0) }
        case .integer(let number):
          writer.header(UInt8(ascii: "$"), decimalSize(number))
          writer.decimal(number)
          writer.lineEnd()
        }
      }
      count = writer.count
    }
  }

  private static func headerSize(_ number: Int) -> Int { 3 + decimalSize(Int64(number)) }

  private static func bulkSize(_ byteCount: Int) -> Int { headerSize(byteCount) + byteCount + 2 }

  fileprivate static func decimalSize(_ number: Int64) -> Int {
    var size = number < 0 ? 2 : 1
    var rest = number.magnitude / 10
    while rest > 0 {
      size += 1
      rest /= 10
    }
    return size
  }
}

extension RedisArgument {
  fileprivate var byteCount: Int {
    switch self {
    case .text(let text): text.utf8.count
    case .bytes(let bytes): bytes.count
    case .integer(let number): RESPEncoder.decimalSize(number)
    }
  }
}

/// Writes into memory that was measured before.
private struct ByteWriter {
  private let buffer: UnsafeMutableBufferPointer<UInt8>
  private(set) var count = 0

  init(_ buffer: UnsafeMutableBufferPointer<UInt8>) { self.buffer = buffer }

  mutating func byte(_ byte: UInt8) {
    buffer[count] = byte
    count += 1
  }

  mutating func lineEnd() {
    byte(13)
    byte(10)
  }

  mutating func decimal(_ number: Int64) {
    let size = RESPEncoder.decimalSize(number)
    if number < 0 { buffer[count] = UInt8(ascii: "-") }
    var rest = number.magnitude
    var position = count + size
    repeat {
      position -= 1
      buffer[position] = UInt8(ascii: "0") + UInt8(rest % 10)
      rest /= 10
    } while rest > 0
    count += size
  }

  mutating func header(_ kind: UInt8, _ number: Int) {
    byte(kind)
    decimal(Int64(number))
    lineEnd()
  }

  mutating func bulk(_ text: String) {
    var text = text
    text.withUTF8 { bulk(UnsafeRawBufferPointer($0)) }
  }

  mutating func bulk(_ bytes: UnsafeRawBufferPointer) {
    header(UInt8(ascii: "$"), bytes.count)
    UnsafeMutableRawBufferPointer(UnsafeMutableBufferPointer(rebasing: buffer[count...]))
      .copyMemory(from: bytes)
    count += bytes.count
    lineEnd()
  }
}
