/// The slots of a Redis Cluster: every key lies in one of 16,384, and every slot on one primary.
enum Slot {
  static let count = 16_384

  /// The slot of `key`: CRC16 of its hash tag, or of all of it when it has none.
  static func of(_ key: some Collection<UInt8>) -> Int {
    if let tag = hashTag(of: key) { return Int(crc16(tag)) % count }
    return Int(crc16(key)) % count
  }

  /// What stands between the first `{` and the first `}` behind it; nil when there is no such pair,
  /// or nothing in it. Keys of one tag share a slot.
  static func hashTag<Key: Collection<UInt8>>(of key: Key) -> Key.SubSequence? {
    guard let start = key.firstIndex(of: UInt8(ascii: "{")) else { return nil }
    let rest = key[key.index(after: start)...]
    guard let end = rest.firstIndex(of: UInt8(ascii: "}")), end != rest.startIndex else {
      return nil
    }
    return rest[..<end]
  }

  /// CRC-16/XMODEM: polynomial 0x1021, from 0, nothing reflected.
  static func crc16(_ bytes: some Sequence<UInt8>) -> UInt16 {
    bytes.reduce(0) { crc, byte in crc << 8 ^ table[Int(UInt8(crc >> 8) ^ byte)] }
  }

  private static let table: [UInt16] = (0..<256).map { index in
    (0..<8).reduce(UInt16(index) << 8) { crc, _ in crc & 0x8000 == 0 ? crc << 1 : crc << 1 ^ 0x1021
    }
  }
}
