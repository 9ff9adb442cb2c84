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

extension Responder {
  /// Answers `prompt`, and runs `onPart` for each part of the answer.
  public func respond(
    to prompt: Prompt, onPart: @escaping @Sendable (AnswerPart) async throws -> Void
  ) async throws -> ResponseSummary {
    var writer = CollectingWriter(onPart)
    return try await respond(to: prompt, into: &writer)
  }
}

extension ChatService {
  /// Runs a turn through its sequence, and runs `onEvent` for each event but the last.
  public func ask(
    _ text: String, in conversation: ConversationID, as user: UserID, questionID: MessageID? = nil,
    onEvent: (TurnEvent) async throws -> Void
  ) async throws -> Turn {
    var options = TurnOptions()
    options.questionID = questionID
    var last: Turn?
    for try await event in stream(text, in: conversation, as: user, options: options) {
      if case .finished(let turn) = event { last = turn } else { try await onEvent(event) }
    }
    guard let last else { throw CancellationError() }
    return last
  }
}

/// A door that tasks wait at until somebody opens it.
public final class Gate: Sendable {
  private struct State {
    var isOpen = false
    var waiting: [Int: CheckedContinuation<Void, any Error>] = [:]
    var arrived = 0
    var arrivals: [(count: Int, continuation: CheckedContinuation<Void, Never>)] = []
  }

  private let state = Locked(State())

  /// A closed door.
  public init() {}

  /// Waits until the door is open, or throws `CancellationError`.
  public func pass() async throws {
    let number = state.withLock { state in
      state.arrived += 1
      return state.arrived
    }
    try await withTaskCancellationHandler {
      try await withCheckedThrowingContinuation { continuation in
        let reached = state.withLock { state in
          if state.isOpen {
            continuation.resume()
          } else if Task.isCancelled {
            continuation.resume(throwing: CancellationError())
          } else {
            state.waiting[number] = continuation
          }
          defer { state.arrivals.removeAll { $0.count <= state.arrived } }
          return state.arrivals.filter { $0.count <= state.arrived }
        }
        for arrival in reached { arrival.continuation.resume() }
      }
    } onCancel: {
      state.withLock { $0.waiting.removeValue(forKey: number) }?
        .resume(throwing: CancellationError())
    }
  }

  /// Opens the door for those who wait and those who come.
  public func open() {
    let waiting = state.withLock { state in
      state.isOpen = true
      defer { state.waiting = [:] }
      return state.waiting
    }
    for continuation in waiting.values { continuation.resume() }
  }

  /// Waits until `count` tasks have come to the door.
  public func waitForArrivals(_ count: Int) async {
    await withCheckedContinuation { continuation in
      let isThere = state.withLock { state in
        if state.arrived >= count { return true }
        state.arrivals.append((count, continuation))
        return false
      }
      if isThere { continuation.resume() }
    }
  }
}
