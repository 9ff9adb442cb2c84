import Glibc
import SessionCore

/// A program under test. Its streams are read by threads of their own, so that nobody blocks
/// Swift's shared threads; a test waits for text that it writes, or for its end.
///
/// When the task of the test is cancelled (its time limit ran out), the program is killed, which
/// ends every wait.
final class RunningProgram: Sendable {
  struct Result: Sendable {
    /// The exit code; 128 and the signal when a signal ended it.
    let code: Int32
    let output: String
    let errors: String
  }

  enum Stream: Sendable {
    case output
    case errors
  }

  private struct Waiter {
    let stream: Stream
    let isMet: @Sendable ([UInt8]) -> Bool
    let continuation: CheckedContinuation<Bool, Never>
  }

  private struct State {
    var output: [UInt8] = []
    var errors: [UInt8] = []
    var openStreams: Int
    var code: Int32?
    var waiters: [Waiter] = []
    var ends: [CheckedContinuation<Void, Never>] = []
    var isInputOpen = true

    var isOver: Bool { openStreams == 0 && code != nil }

    func bytes(of stream: Stream) -> [UInt8] { stream == .output ? output : errors }
  }

  let pid: pid_t
  private let input: Int32
  private let state: Locked<State>

  /// Follows a child that has pipes.
  convenience init(_ child: Spawn.Child) throws {
    try self.init(
      pid: child.pid, input: child.input,
      streams: [(child.output, .output), (child.errors, .errors)])
  }

  init(pid: pid_t, input: Int32, streams: [(Int32, Stream)]) throws {
    self.pid = pid
    self.input = input
    state = Locked(State(openStreams: streams.count))
    for (descriptor, stream) in streams {
      _ = try DedicatedThread { [self] in read(descriptor, stream) }
    }
    _ = try DedicatedThread { [self] in waitForExit() }
  }

  /// Writes to its standard input: less than a pipe holds, so that nobody waits.
  func send(_ text: String) { send(bytes: Array(text.utf8)) }

  func send(bytes: [UInt8]) {
    precondition(bytes.count <= 4096, "a longer input belongs into a file")
    _ = bytes.withUnsafeBytes { write(input, $0.baseAddress, $0.count) }
  }

  /// Ends its standard input.
  func closeInput() {
    let wasOpen = state.withLock { state in
      defer { state.isInputOpen = false }
      return state.isInputOpen
    }
    if wasOpen { close(input) }
  }

  func signal(_ number: Int32) { kill(pid, number) }

  /// Changes the size of its terminal.
  func resize(columns: Int, rows: Int) { Spawn.resize(input, columns: columns, rows: rows) }

  /// Whether its terminal shows what is typed by itself.
  var terminalEchoes: Bool? {
    var modes = termios()
    return tcgetattr(input, &modes) == 0 ? modes.c_lflag & tcflag_t(ECHO) != 0 : nil
  }

  /// Waits until `text` stands `count` times in what it wrote. False when it ended without.
  func waits(for text: String, times count: Int = 1, on stream: Stream = .output) async -> Bool {
    await waits(on: stream) { Self.count(text, in: $0) >= count }
  }

  /// Waits until a screen of this size shows `text`.
  func shows(_ text: String, columns: Int = 80, rows: Int = 24) async -> Bool {
    await waits(on: .output) { Screen(columns: columns, rows: rows, $0).text.contains(text) }
  }

  /// Waits until all that it wrote to a stream is as wanted. False when it ended without.
  func waits(on stream: Stream, until isMet: @escaping @Sendable ([UInt8]) -> Bool) async -> Bool {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        state.withLock { state in
          state.waiters.append(
            Waiter(stream: stream, isMet: isMet, continuation: continuation))
        }
        wakeWaiters()
      }
    } onCancel: {
      kill(pid, SIGKILL)
    }
  }

  /// Waits for its end.
  ///
  /// - Parameter keepingInput: Leaves its input open, to be looked at.
  func end(keepingInput: Bool = false) async -> Result {
    await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        let isOver = state.withLock { state in
          if !state.isOver { state.ends.append(continuation) }
          return state.isOver
        }
        if isOver { continuation.resume() }
      }
    } onCancel: {
      kill(pid, SIGKILL)
    }
    if !keepingInput { closeInput() }
    return state.withLock { state in
      Result(
        code: state.code ?? -1, output: String(decoding: state.output, as: UTF8.self),
        errors: String(decoding: state.errors, as: UTF8.self))
    }
  }

  private func read(_ descriptor: Int32, _ stream: Stream) {
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = Glibc.read(descriptor, &buffer, buffer.count)
      guard count > 0 else { break }
      state.withLock { state in
        switch stream {
        case .output: state.output += buffer[..<count]
        case .errors: state.errors += buffer[..<count]
        }
      }
      wakeWaiters()
    }
    // A pseudo-terminal is also where its input goes; the descriptor is closed with that.
    if descriptor != input { close(descriptor) }
    state.withLock { $0.openStreams -= 1 }
    wakeIfOver()
  }

  private func waitForExit() {
    var status: Int32 = 0
    while waitpid(pid, &status, 0) < 0, errno == EINTR {}
    let signal = status & 0x7F
    let code = signal == 0 ? (status >> 8) & 0xFF : 128 + signal
    state.withLock { $0.code = code }
    wakeIfOver()
  }

  private func wakeWaiters() {
    let found = state.withLock { state in
      var done: [Waiter] = []
      var waiting: [Waiter] = []
      for waiter in state.waiters {
        let isMet = waiter.isMet(state.bytes(of: waiter.stream))
        if isMet { done.append(waiter) } else { waiting.append(waiter) }
      }
      state.waiters = waiting
      return done
    }
    for waiter in found { waiter.continuation.resume(returning: true) }
    wakeIfOver()
  }

  private func wakeIfOver() {
    let (waiters, ends) = state.withLock { state in
      guard state.isOver else { return ([Waiter](), [CheckedContinuation<Void, Never>]()) }
      defer {
        state.waiters = []
        state.ends = []
      }
      return (state.waiters, state.ends)
    }
    for waiter in waiters { waiter.continuation.resume(returning: false) }
    for end in ends { end.resume() }
  }

  private static func count(_ text: String, in bytes: [UInt8]) -> Int {
    String(decoding: bytes, as: UTF8.self).split(
      separator: text, omittingEmptySubsequences: false
    ).count - 1
  }
}
