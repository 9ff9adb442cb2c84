public import SessionCore

/// A responder that does what the test tells it, and remembers what it was asked.
public final class ScriptedResponder: Responder {
  /// What to do with one prompt.
  public typealias Script =
    @Sendable (Prompt, inout any AnswerWriter) async throws -> ResponseSummary

  private let script: Script
  private let asked = Locked<[Prompt]>([])

  /// A responder that runs `script` for each prompt.
  public init(_ script: @escaping Script) { self.script = script }

  /// A responder that says `pieces`, and is done.
  public convenience init(saying pieces: String...) {
    self.init { _, answer in
      for piece in pieces { try await answer.write(piece) }
      return ResponseSummary(state: .complete, model: "scripted", finishReason: "STOP")
    }
  }

  /// A responder that says `pieces`, and then fails.
  public convenience init(saying pieces: String..., thenThrowing error: any Error) {
    self.init { _, answer in
      for piece in pieces { try await answer.write(piece) }
      throw error
    }
  }

  /// The prompts, in the order of asking.
  public var prompts: [Prompt] { asked.withLock { $0 } }

  /// Runs the script.
  public func respond<Writer: AnswerWriter>(
    to prompt: Prompt, into answer: inout Writer
  ) async throws -> ResponseSummary {
    asked.withLock { $0.append(prompt) }
    var writer: any AnswerWriter = answer
    defer { if let written = writer as? Writer { answer = written } }
    return try await script(prompt, &writer)
  }
}

/// Keeps the parts of an answer.
public struct CollectingWriter: AnswerWriter {
  /// The parts, in order.
  public private(set) var parts: [AnswerPart] = []
  private let onPart: @Sendable (AnswerPart) async throws -> Void

  /// A writer that runs `onPart` for each part, before the next one.
  public init(_ onPart: @escaping @Sendable (AnswerPart) async throws -> Void = { _ in }) {
    self.onPart = onPart
  }

  /// The text so far.
  public var text: String {
    parts.reduce(into: "") { text, part in if case .text(let piece) = part { text += piece } }
  }

  /// Keeps the part.
  public mutating func write(_ part: AnswerPart) async throws {
    parts.append(part)
    try await onPart(part)
  }
}
