/// A password or key. It prints as `***`, whatever prints it; only ``revealed`` gives the text.
public struct Secret: Sendable, Hashable, CustomStringConvertible, CustomDebugStringConvertible,
  CustomReflectable
{
  /// The text itself: for the wire, never for a message.
  public let revealed: String
  /// Wraps `text`.
  public init(_ text: String) { revealed = text }
  /// Three asterisks.
  public var description: String { "***" }
  /// Three asterisks.
  public var debugDescription: String { "***" }
  /// Shows nothing of the text.
  public var customMirror: Mirror { Mirror(self, children: [:]) }
}
