#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// One forwarded connection: two sockets, and the bytes that wait for each.
final class FaultProxyLink {
  enum Piece {
    case nothing
    case ended
    case bytes(Int)
  }

  private struct Flow {
    var pieces: [(due: Int64, bytes: [UInt8])] = []
    var written = 0
    var byteCount = 0
    var sourceEnded = false
    var sinkEnded = false
  }

  /// Bytes that may wait in one direction before the sender is not read any more.
  private static let waitingByteCountMax = 4 << 20

  private let client: Int32
  private let target: Int32
  private var flows: [FaultProxy.Direction: Flow] = [.toTarget: Flow(), .toClient: Flow()]
  private(set) var isClosed = false

  init(client: Int32, target: Int32) {
    self.client = client
    self.target = target
  }

  func closeBoth() {
    guard !isClosed else { return }
    isClosed = true
    close(client)
    close(target)
  }

  /// Closes when both directions have ended.
  func closeIfDone() {
    if flows.values.allSatisfy(\.sinkEnded) { closeBoth() }
  }

  func pollEntries() -> [pollfd] {
    [
      (client, FaultProxy.Direction.toTarget, FaultProxy.Direction.toClient),
      (target, .toClient, .toTarget),
    ].map { descriptor, incoming, outgoing in
      var events: Int16 = 0
      if mayRead(incoming) { events |= Int16(POLLIN) }
      if let flow = flows[outgoing], let first = flow.pieces.first,
        first.due <= monotonicNanoseconds()
      {
        events |= Int16(POLLOUT)
      }
      // A negative descriptor is ignored: a hang-up that nobody can act on must not wake the loop.
      return pollfd(fd: events == 0 ? -1 : descriptor, events: events, revents: 0)
    }
  }

  /// When the next piece that is held back is due, if it is not yet.
  var nextDue: Int64? {
    let now = monotonicNanoseconds()
    return flows.values.compactMap { $0.pieces.first?.due }.filter { $0 > now }.min()
  }

  func mayRead(_ direction: FaultProxy.Direction) -> Bool {
    guard let flow = flows[direction] else { return false }
    return !flow.sourceEnded && flow.byteCount < Self.waitingByteCountMax
  }

  func read(_ direction: FaultProxy.Direction, into buffer: inout [UInt8]) -> Piece {
    let count = recv(direction == .toTarget ? client : target, &buffer, buffer.count, 0)
    if count > 0 { return .bytes(count) }
    if count < 0, errno == EAGAIN || errno == EINTR { return .nothing }
    flows[direction]?.sourceEnded = true
    endSinkIfDrained(direction)
    return .ended
  }

  func queue(_ piece: ArraySlice<UInt8>, _ direction: FaultProxy.Direction, due: Int64) {
    guard !piece.isEmpty else { return }
    // A piece never overtakes one that is held back.
    let last = flows[direction]?.pieces.last?.due ?? 0
    flows[direction]?.pieces.append((max(due, last), Array(piece)))
    flows[direction]?.byteCount += piece.count
  }

  /// Writes what is due; returns how many bytes the socket took.
  func write(_ direction: FaultProxy.Direction, now: Int64) -> Int {
    guard var flow = flows[direction] else { return 0 }
    flows[direction] = nil
    var total = 0
    while let piece = flow.pieces.first, piece.due <= now {
      let count = piece.bytes.withUnsafeBytes { bytes in
        send(
          direction == .toTarget ? target : client, bytes.baseAddress.map { $0 + flow.written },
          bytes.count - flow.written, 0)
      }
      guard count > 0 else {
        if count < 0, errno != EAGAIN, errno != EINTR {
          // The other side is gone: so is what waits for it.
          flow.pieces = []
          flow.byteCount = 0
          flow.sourceEnded = true
        }
        break
      }
      total += count
      flow.byteCount -= count
      flow.written += count
      if flow.written == piece.bytes.count {
        flow.pieces.removeFirst()
        flow.written = 0
      }
    }
    flows[direction] = flow
    endSinkIfDrained(direction)
    return total
  }

  private func endSinkIfDrained(_ direction: FaultProxy.Direction) {
    guard let flow = flows[direction], flow.sourceEnded, flow.pieces.isEmpty, !flow.sinkEnded else {
      return
    }
    flows[direction]?.sinkEnded = true
    shutdown(direction == .toTarget ? target : client, Int32(SHUT_WR))
  }
}
