/// Where commands can be sent: a ``RedisClient``, or a ``RedisConnection`` of one's own.
///
/// The everyday commands are methods, named as Redis names them; what they take may be any
/// ``RedisEncodable``, and what they answer any ``RedisDecodable``. All throw ``RedisError``, also
/// when the answer is something else than was asked for, and `CancellationError`. Each is one
/// command, one round trip. For every other command there is ``send(_:timeout:)``.
public protocol RedisCommands: Sendable {
  /// Sends a command and returns its answer.
  ///
  /// - Parameter timeout: Until the answer must be there; nil for the time of the configuration.
  func send(_ command: RedisCommand, timeout: Duration?) async throws -> RedisValue

  /// Sends several commands together and returns their answers in order, with errors of the server
  /// in their places.
  ///
  /// - Parameter timeout: Until the answers must be there; nil for the time of the configuration.
  func pipeline(_ commands: [RedisCommand], timeout: Duration?) async throws -> [RedisValue]
}

extension RedisCommands {
  /// Sends a command, and reads its answer as what the caller wants.
  public func ask<Answer: RedisDecodable>(
    _ command: RedisCommand, as type: Answer.Type = Answer.self
  ) async throws -> Answer {
    let value = try await send(command, timeout: nil)
    do {
      return try Answer(redis: value)
    } catch let error as RedisError { throw error.of(command.name) }
  }

  /// Sends a command whose answer says nothing beyond its success.
  func carryOut(_ command: RedisCommand) async throws { _ = try await send(command, timeout: nil) }

  /// Runs commands as one transaction: all of them, and nobody else's between them.
  ///
  /// - Returns: One value for each command, errors of the server in their places; nil when a key
  ///   that was watched had been changed, and none was carried out.
  /// - Throws: ``RedisError``, also when the server refused one of them beforehand, and none was
  ///   carried out.
  public func transaction(
    _ commands: [RedisCommand], timeout: Duration? = nil
  ) async throws -> [RedisValue]? {
    let all = [RedisCommand("MULTI")] + commands + [RedisCommand("EXEC")]
    let replies = try await pipeline(all, timeout: timeout)
    switch replies.last {
    case .array(let values): return values
    case .null: return nil
    case .error(let abortion):
      // The first refusal says more than that the transaction was given up for it.
      for case .error(let error) in replies { throw RedisError(error, command: "transaction") }
      throw RedisError(abortion, command: "transaction")
    default: return try (replies.last ?? .null).mismatch("the end of a transaction")
    }
  }
}
