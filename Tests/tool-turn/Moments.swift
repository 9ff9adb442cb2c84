import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Counts the moments of the program, and ends it at one of them.
final class Moments: Sendable {
  private let last: Int
  private let passed = Locked(0)

  /// - Parameter last: The number of the last moment; 0 for none.
  init(lastingUntil last: Int) { self.last = last }

  /// How many there were.
  var count: Int { passed.withLock { $0 } }

  /// One more. At the last one this does not return.
  func pass() {
    let number = passed.withLock { passed in
      passed += 1
      return passed
    }
    guard number == last else { return }
    kill(getpid(), SIGKILL)
    while true { pause() }
  }
}

/// A responder with a moment before and after everything that it writes.
struct MortalResponder: Responder {
  let base: any Responder
  let moments: Moments

  func respond(
    to prompt: Prompt, into answer: inout some AnswerWriter
  ) async throws -> ResponseSummary {
    moments.pass()
    var writer = MortalWriter(base: answer, moments: moments)
    defer { answer = writer.base }
    let summary = try await base.respond(to: prompt, into: &writer)
    moments.pass()
    return summary
  }
}

private struct MortalWriter<Base: AnswerWriter>: AnswerWriter {
  var base: Base
  let moments: Moments

  mutating func write(_ part: AnswerPart) async throws {
    moments.pass()
    try await base.write(part)
    moments.pass()
  }
}

/// A session store with a moment before and after each write: before it, the archive alone has the
/// message.
struct MortalStore: SessionStore {
  let base: any SessionStore
  let moments: Moments

  var limits: SessionLimits { base.limits }

  func open(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<WarmSession?> {
    try await base.open(id, in: scope)
  }

  func append(
    _ message: Message, to id: ConversationID, in scope: Scope, following tail: MessageID?,
    returningWindow: Bool
  ) async throws -> StoreReply<AppendOutcome> {
    moments.pass()
    defer { moments.pass() }
    return try await base.append(
      message, to: id, in: scope, following: tail, returningWindow: returningWindow)
  }

  func pageIn(
    _ id: ConversationID, in scope: Scope, messages: [Message], messageCount: Int
  ) async throws -> StoreReply<Void> {
    moments.pass()
    defer { moments.pass() }
    return try await base.pageIn(id, in: scope, messages: messages, messageCount: messageCount)
  }

  func list(in scope: Scope) async throws -> StoreReply<[SessionSummary]> {
    try await base.list(in: scope)
  }

  func close(_ id: ConversationID, in scope: Scope) async throws -> StoreReply<Void> {
    try await base.close(id, in: scope)
  }

  func setPinned(
    _ isPinned: Bool, _ id: ConversationID, in scope: Scope
  ) async throws -> StoreReply<Bool> {
    try await base.setPinned(isPinned, id, in: scope)
  }
}
