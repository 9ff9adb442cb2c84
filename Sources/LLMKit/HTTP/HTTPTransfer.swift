import SessionCore

/// Where one transfer and its reader meet: the engine's thread puts in, one task takes out.
///
/// Holds a bounded number of bytes: when the reader is slow, the connection is.
final class HTTPTransfer: Sendable {
  enum Reception {
    case taken
    /// Nothing was taken: hand it over again when the reader has caught up.
    case full
    /// Break the transfer off.
    case refused
  }

  private struct State {
    var head: HTTPHead?
    var bytes: [UInt8] = []
    var receivedByteCount = 0
    var isPaused = false
    var refusal: HTTPError?
    var end: Result<Void, HTTPError>?
    var reader: UnsafeContinuation<Void, Never>?
  }

  private let state = Locked(State())
  private let byteCountMax: Int

  /// Bytes that wait for the reader before the connection is told to wait.
  private static let highWaterByteCount = 256 << 10

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  // MARK: The engine's side

  /// The reader sleeps on until the first bytes or the end: most often they are there at once.
  func receive(_ head: HTTPHead) {
    state.withLock { $0.head = head }
  }

  /// The reader sleeps on until ``wakeReader()``: one read of the connection can bring a hundred
  /// pieces, and it wakes once for many of them.
  func receive(_ bytes: UnsafeRawBufferPointer) -> Reception {
    state.withLock { state in
      if state.receivedByteCount + bytes.count > byteCountMax {
        state.refusal = HTTPError(
          code: .tooLarge, reason: "the response is longer than \(byteCountMax) bytes")
        return .refused
      }
      if !state.bytes.isEmpty, state.bytes.count + bytes.count > Self.highWaterByteCount {
        state.isPaused = true
        return .full
      }
      state.receivedByteCount += bytes.count
      state.bytes.append(contentsOf: bytes)
      return .taken
    }
  }

  /// Has the reader look at what has been received.
  func wakeReader() { wakeReader { _ in } }

  /// Says why the transfer is about to be broken off.
  func refuse(_ error: HTTPError) {
    state.withLock { $0.refusal = error }
  }

  /// The transfer is over, and the engine has let go of its connection.
  func finish(_ result: Result<Void, HTTPError>) {
    wakeReader { state in
      guard state.end == nil else { return }
      state.end = state.refusal.map { .failure($0) } ?? result
      state.isPaused = false
    }
  }

  private func wakeReader(_ change: (inout State) -> Void) {
    let reader = state.withLock { state in
      change(&state)
      defer { state.reader = nil }
      return state.reader
    }
    reader?.resume()
  }

  // MARK: The reader's side

  var isOver: Bool { state.withLock { $0.end != nil } }

  /// Waits for status and headers, and for the first bytes or the end of the body.
  func head() async throws(HTTPError) -> HTTPHead {
    await wait { !$0.bytes.isEmpty || $0.end != nil }
    let (head, end) = state.withLock { ($0.head, $0.end) }
    if let head { return head }
    if case .failure(let error) = end { throw error }
    throw HTTPError(code: .connectionLost, reason: "the server sent no response")
  }

  /// Waits for more of the body, and moves all there is into `bytes`, whose storage is used again.
  /// False: the body has ended.
  ///
  /// - Parameter isPaused: Set when the connection waits: the caller has to resume it.
  func next(
    into bytes: inout [UInt8], wasPaused: inout Bool
  ) async throws(HTTPError) -> Bool {
    bytes.removeAll(keepingCapacity: true)
    await wait { !$0.bytes.isEmpty || $0.end != nil }
    let (paused, end) = state.withLock { state in
      swap(&state.bytes, &bytes)
      defer { state.isPaused = false }
      return (state.isPaused, state.end)
    }
    wasPaused = paused
    if !bytes.isEmpty { return true }
    if case .failure(let error) = end { throw error }
    return false
  }

  /// Waits until the transfer is over.
  func waitForEnd() async {
    await wait { $0.end != nil }
  }

  private func wait(until isReady: (State) -> Bool) async {
    while !state.withLock({ isReady($0) }) {
      await withUnsafeContinuation { reader in
        let isReady = state.withLock { state in
          if isReady(state) { return true }
          state.reader = reader
          return false
        }
        if isReady { reader.resume() }
      }
    }
  }
}
