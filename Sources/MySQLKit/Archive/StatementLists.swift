// Lists of values in statements come in few lengths, so that few statements are ever prepared.

/// `(?, ?, …)` for `count` values: as many as ``padded(_:)`` makes of them.
func list(_ count: Int) -> String {
  "(" + Array(repeating: "?", count: powerOfTwo(from: count)).joined(separator: ", ") + ")"
}

/// The values, the last one repeated up to a power of two.
func padded(_ values: [MySQLValue]) -> [MySQLValue] {
  guard let last = values.last else { return values }
  return values
    + Array(repeating: last, count: powerOfTwo(from: values.count) - values.count)
}

/// The largest number of rows, not more than `count`, that statements are made for; `count` is at
/// least 1. All up to 8, then every fourth of what lies between two powers of two: the rest is less
/// than a quarter, so that one or two statements nearly always do, of 24 in all up to 128.
func rowCount(upTo count: Int) -> Int {
  let bitCount = Int.bitWidth - count.leadingZeroBitCount
  return bitCount <= 3 ? count : (count >> (bitCount - 3)) << (bitCount - 3)
}

private func powerOfTwo(from count: Int) -> Int {
  count <= 1 ? 1 : 1 << (Int.bitWidth - (count - 1).leadingZeroBitCount)
}
