/// Where the pieces of a body are cut.
package enum BodySplitting: Sendable, Hashable {
  /// Each piece goes out as it was written.
  case asWritten
  /// Behind the first byte of each character that has several, and between CR and LF.
  case awkward
  /// Every so many bytes.
  case every(Int)

  /// The same bytes in other pieces; no piece joins two.
  package func applied(to steps: [HTTPReply.Step]) -> [HTTPReply.Step] {
    if self == .asWritten { return steps }
    return steps.flatMap { step -> [HTTPReply.Step] in
      guard case .send(let bytes) = step else { return [step] }
      var pieces: [HTTPReply.Step] = []
      var start = 0
      for index in bytes.indices where index == bytes.count - 1 || isEnd(index, of: bytes) {
        pieces.append(.send(Array(bytes[start...index])))
        start = index + 1
      }
      return pieces
    }
  }

  private func isEnd(_ index: Int, of bytes: [UInt8]) -> Bool {
    switch self {
    case .asWritten: false
    case .awkward: bytes[index] >= 0xC0 || bytes[index] == UInt8(ascii: "\r")
    case .every(let count): (index + 1) % max(1, count) == 0
    }
  }
}
