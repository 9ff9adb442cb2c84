/// Bytes that are no gzip, or would be too many.
public struct InflateError: Error, Sendable, Hashable {
  /// What is wrong, for a person.
  public let reason: String
}

/// Undoes gzip (RFC 1952, one member), so that a fake can take compressed bodies without a library.
public enum Gzip {
  /// The bytes that were compressed.
  ///
  /// - Parameter byteCountMax: More than this is an error.
  public static func decompress(
    _ bytes: [UInt8], byteCountMax: Int
  ) throws(InflateError) -> [UInt8] {
    guard bytes.count >= 18, bytes.starts(with: [0x1F, 0x8B, 8]) else {
      throw InflateError(reason: "no gzip header")
    }
    let flags = bytes[3]
    guard flags & 0xE0 == 0 else { throw InflateError(reason: "unknown flags") }
    var position = 10
    if flags & 4 != 0 { position += 2 + Int(bytes[10]) + Int(bytes[11]) << 8 }
    for flag: UInt8 in [8, 16] where flags & flag != 0 {
      let end = bytes[min(position, bytes.count)...].firstIndex(of: 0)
      position = (end ?? bytes.count) + 1
    }
    if flags & 2 != 0 { position += 2 }
    guard position + 8 <= bytes.count else { throw InflateError(reason: "the header is cut") }
    var inflater = Inflater(bytes: bytes[position..<bytes.count - 8], byteCountMax: byteCountMax)
    let output = try inflater.run()
    let trailer = bytes.suffix(8)
    guard inflater.position == trailer.startIndex else {
      throw InflateError(reason: "something follows the data")
    }
    guard number(trailer.prefix(4)) == checksum(output),
      number(trailer.suffix(4)) == UInt32(truncatingIfNeeded: output.count)
    else { throw InflateError(reason: "the checksum is wrong") }
    return output
  }

  private static func number(_ bytes: ArraySlice<UInt8>) -> UInt32 {
    bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }
  }

  private static let table: [UInt32] = (0..<256).map { (index: UInt32) in
    (0..<8).reduce(index) { value, _ in
      value & 1 == 1 ? 0xEDB8_8320 ^ value >> 1 : value >> 1
    }
  }

  private static func checksum(_ bytes: [UInt8]) -> UInt32 {
    ~bytes.reduce(UInt32.max) { table[Int(($0 ^ UInt32($1)) & 0xFF)] ^ $0 >> 8 }
  }
}

/// Undoes deflate (RFC 1951), a bit at a time: short rather than fast.
private struct Inflater {
  let bytes: ArraySlice<UInt8>
  let byteCountMax: Int
  private(set) var position: Int
  private var held: UInt32 = 0
  private var heldCount = 0
  private var output: [UInt8] = []

  init(bytes: ArraySlice<UInt8>, byteCountMax: Int) {
    self.bytes = bytes
    self.byteCountMax = byteCountMax
    position = bytes.startIndex
  }

  mutating func run() throws(InflateError) -> [UInt8] {
    var isLast = false
    while !isLast {
      isLast = try take(1) == 1
      switch try take(2) {
      case 0: try storedBlock()
      case 1: try block(Self.fixedLiterals, Self.fixedDistances)
      case 2:
        let (literals, distances) = try codes()
        try block(literals, distances)
      default: throw InflateError(reason: "an unknown kind of block")
      }
    }
    return output
  }

  private mutating func take(_ count: Int) throws(InflateError) -> Int {
    while heldCount < count {
      guard position < bytes.endIndex else { throw InflateError(reason: "the data are cut") }
      held |= UInt32(bytes[position]) << UInt32(heldCount)
      position += 1
      heldCount += 8
    }
    let value = held & ((1 << UInt32(count)) - 1)
    held >>= UInt32(count)
    heldCount -= count
    return Int(value)
  }

  private mutating func append(_ byte: UInt8) throws(InflateError) {
    guard output.count < byteCountMax else { throw InflateError(reason: "too many bytes") }
    output.append(byte)
  }

  private mutating func storedBlock() throws(InflateError) {
    (held, heldCount) = (0, 0)
    let count = try take(16)
    guard try take(16) == ~count & 0xFFFF else { throw InflateError(reason: "a wrong length") }
    for _ in 0..<count { try append(UInt8(try take(8))) }
  }

  // MARK: - Codes

  /// How many codes there are of each length, and the symbols in their order.
  private struct Code {
    var counts = [Int](repeating: 0, count: 16)
    var symbols: [Int] = []

    init(lengths: [Int]) {
      for length in lengths where length > 0 { counts[length] += 1 }
      symbols = (1..<16).flatMap { length in
        lengths.indices.filter { lengths[$0] == length }
      }
    }
  }

  private static let fixedLiterals = Code(
    lengths: (0..<288).map { $0 < 144 ? 8 : $0 < 256 ? 9 : $0 < 280 ? 7 : 8 })
  private static let fixedDistances = Code(lengths: Array(repeating: 5, count: 30))

  private mutating func symbol(_ code: Code) throws(InflateError) -> Int {
    var (value, first, index) = (0, 0, 0)
    for length in 1..<16 {
      value |= try take(1)
      let count = code.counts[length]
      if value - first < count { return code.symbols[index + value - first] }
      index += count
      first = (first + count) << 1
      value <<= 1
    }
    throw InflateError(reason: "an unknown code")
  }

  private mutating func codes() throws(InflateError) -> (Code, Code) {
    let order = [16, 17, 18, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14, 1, 15]
    let literalCount = try take(5) + 257
    let distanceCount = try take(5) + 1
    var lengths = [Int](repeating: 0, count: 19)
    for index in 0..<(try take(4) + 4) { lengths[order[index]] = try take(3) }
    let lengthCode = Code(lengths: lengths)
    var all: [Int] = []
    while all.count < literalCount + distanceCount {
      switch try symbol(lengthCode) {
      case 16:
        guard let previous = all.last else { throw InflateError(reason: "nothing to repeat") }
        all += Array(repeating: previous, count: try take(2) + 3)
      case 17: all += Array(repeating: 0, count: try take(3) + 3)
      case 18: all += Array(repeating: 0, count: try take(7) + 11)
      case let length: all.append(length)
      }
    }
    guard all.count == literalCount + distanceCount else {
      throw InflateError(reason: "too many lengths")
    }
    return (
      Code(lengths: Array(all[..<literalCount])), Code(lengths: Array(all[literalCount...]))
    )
  }

  // MARK: - Data

  private static let lengthBases = [
    3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15, 17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131,
    163, 195, 227, 258,
  ]
  private static let lengthBits = [
    0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 0,
  ]
  private static let distanceBases = [
    1, 2, 3, 4, 5, 7, 9, 13, 17, 25, 33, 49, 65, 97, 129, 193, 257, 385, 513, 769, 1025, 1537,
    2049, 3073, 4097, 6145, 8193, 12_289, 16_385, 24_577,
  ]
  private static let distanceBits = [
    0, 0, 0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 11, 12, 12, 13,
    13,
  ]

  private mutating func block(_ literals: Code, _ distances: Code) throws(InflateError) {
    while true {
      let literal = try symbol(literals)
      if literal < 256 {
        try append(UInt8(literal))
        continue
      }
      if literal == 256 { return }
      guard literal - 257 < Self.lengthBases.count else {
        throw InflateError(reason: "an unknown length")
      }
      let length = try Self.lengthBases[literal - 257] + take(Self.lengthBits[literal - 257])
      let code = try symbol(distances)
      guard code < Self.distanceBases.count else {
        throw InflateError(reason: "an unknown distance")
      }
      let distance = try Self.distanceBases[code] + take(Self.distanceBits[code])
      guard distance <= output.count else { throw InflateError(reason: "a distance too far") }
      for _ in 0..<length { try append(output[output.count - distance]) }
    }
  }
}
