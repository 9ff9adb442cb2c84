import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The modes of the terminal behind the standard input. Whoever changes them restores them, in
/// every way out.
package final class TerminalModes: Sendable {
  private let original: termios

  /// Remembers the modes as they are. Nil: the standard input is no terminal.
  package init?() {
    var modes = termios()
    guard tcgetattr(0, &modes) == 0 else { return nil }
    original = modes
  }

  /// Each key comes as it is typed, Ctrl-C among them, and nothing is shown by itself.
  package func edit() { set(hasSignals: false) }

  /// While an answer comes: what is typed waits unseen, and Ctrl-C is a signal.
  package func wait() { set(hasSignals: true) }

  /// As they were.
  package func restore() {
    var modes = original
    tcsetattr(0, TCSADRAIN, &modes)
  }

  private func set(hasSignals: Bool) {
    var modes = original
    modes.c_lflag &= ~tcflag_t(ICANON | ECHO | IEXTEN)
    if !hasSignals { modes.c_lflag &= ~tcflag_t(ISIG) }
    modes.c_iflag &= ~tcflag_t(IXON | ICRNL | INLCR)
    withUnsafeMutableBytes(of: &modes.c_cc) { bytes in
      bytes[Int(VMIN)] = 1
      bytes[Int(VTIME)] = 0
    }
    tcsetattr(0, TCSADRAIN, &modes)
  }
}

/// How large a screen is.
package struct ScreenSize: Sendable, Hashable {
  package let columns: Int
  package let rows: Int

  /// The size of the terminal behind a stream; 80 by 24 when it does not say.
  package static func of(_ stream: StandardStreams.Stream) -> ScreenSize {
    var size = winsize()
    let isKnown = ioctl(stream.rawValue, UInt(TIOCGWINSZ), &size) == 0
    return ScreenSize(
      columns: isKnown && size.ws_col > 0 ? Int(size.ws_col) : 80,
      rows: isKnown && size.ws_row > 0 ? Int(size.ws_row) : 24)
  }
}
