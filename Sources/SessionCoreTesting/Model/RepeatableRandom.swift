public import SessionCore

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// Random numbers that a seed repeats (SplitMix64).
public struct RepeatableRandom: RandomNumberGenerator, Sendable {
  private var state: UInt64

  /// The sequence of `seed`.
  public init(seed: UInt64) { state = seed }

  /// The next 64 bits.
  public mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var mixed = state
    mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
    mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
    return mixed ^ (mixed >> 31)
  }

  /// A conversation's name.
  public mutating func conversationID() -> ConversationID { ConversationID(uuid()) }

  /// A message's name.
  public mutating func messageID() -> MessageID { MessageID(uuid()) }

  private mutating func uuid() -> UUID {
    var bytes: uuid_t = (0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
    let words = [next(), next()]
    withUnsafeMutableBytes(of: &bytes) { target in
      words.withUnsafeBytes { target.copyMemory(from: $0) }
    }
    return UUID(uuid: bytes)
  }
}
