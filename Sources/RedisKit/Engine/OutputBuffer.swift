/// Bytes on their way out, and how far the stream of a connection has come.
struct OutputBuffer {
  /// What is kept ready for the transport. More would only take longer to give up: a call that has
  /// its place in the stream can no longer be taken back.
  private static let byteCountMax = 256 << 10

  private var bytes: [UInt8] = []
  private var start = 0
  /// Bytes of the stream that the transport has taken.
  private(set) var sentCount = 0

  var isEmpty: Bool { start == bytes.count }
  var isFull: Bool { bytes.count - start >= Self.byteCountMax }

  /// Adds bytes, and returns where in the stream they end.
  mutating func append(_ more: [UInt8]) -> Int {
    bytes += more
    return sentCount + bytes.count - start
  }

  func withPending<Result>(_ body: (UnsafeRawBufferPointer) -> Result) -> Result {
    bytes.withUnsafeBytes { body(UnsafeRawBufferPointer(rebasing: $0[start...])) }
  }

  mutating func consume(_ count: Int) {
    start += count
    sentCount += count
    guard start == bytes.count else { return }
    bytes.removeAll(keepingCapacity: bytes.count <= 2 * Self.byteCountMax)
    start = 0
  }

  /// Begins a new stream.
  mutating func reset() { self = OutputBuffer() }
}
