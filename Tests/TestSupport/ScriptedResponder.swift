public import SessionCore

/// A responder that does what the test tells it, and remembers what it was asked.
public final class ScriptedResponder: Responder {
  /// What to do with one prompt.
  public typealias Script =
    @Sendable (Prompt, @Sendable (ResponseEvent) async throws -> Void) async throws ->
    ResponseSummary

  private let script: Script
  private let asked = Locked<[Prompt]>([])

  /// A responder that runs `script` for each prompt.
  public init(_ script: @escaping Script) { self.script = script }

  /// A responder that says `pieces`, and is done.
  public convenience init(saying pieces: String...) {
    self.init { _, emit in
      for piece in pieces { try await emit(.text(piece)) }
      return ResponseSummary(state: .complete, model: "scripted", finishReason: "STOP")
    }
  }

  /// A responder that says `pieces`, and then fails.
  public convenience init(saying pieces: String..., thenThrowing error: any Error) {
    self.init { _, emit in
      for piece in pieces { try await emit(.text(piece)) }
      throw error
    }
  }

  /// The prompts, in the order of asking.
  public var prompts: [Prompt] { asked.withLock { $0 } }

  /// Runs the script.
  public func respond(
    to prompt: Prompt, emit: @Sendable (ResponseEvent) async throws -> Void
  ) async throws -> ResponseSummary {
    asked.withLock { $0.append(prompt) }
    return try await script(prompt, emit)
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
