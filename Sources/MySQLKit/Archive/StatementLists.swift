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

/// The largest power of two that is not more than `count`, which is at least 1.
func largestPowerOfTwo(upTo count: Int) -> Int {
  1 << (Int.bitWidth - 1 - count.leadingZeroBitCount)
}

private func powerOfTwo(from count: Int) -> Int {
  let lower = largestPowerOfTwo(upTo: max(count, 1))
  return lower < count ? lower * 2 : lower
}
