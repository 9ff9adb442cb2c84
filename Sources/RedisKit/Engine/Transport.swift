/// A connected byte stream that never waits.
protocol Transport: AnyObject {
  /// What to poll on.
  var descriptor: Int32 { get }
  /// Whether a read of less than was asked for leaves nothing behind that `poll` does not see.
  var shortReadEmpties: Bool { get }
  /// Whether ``send(_:)`` may be called on a thread that does not block SIGPIPE.
  var maySendFromAnyThread: Bool { get }
  /// Takes what has arrived.
  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer
  /// Hands over as much as the stream takes now.
  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer
  /// Ends the stream. Harmless when it has ended.
  func close()
}

/// What one call of a transport did.
enum Transfer {
  /// So many bytes went through; at least one.
  case moved(Int)
  /// None now: poll, and try again.
  case wouldBlock
  /// The other side has closed; the text says how.
  case ended(String)
}
