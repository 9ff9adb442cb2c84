/// A Lua script, run by its digest so that its text is sent to a server once.
public struct RedisScript: Sendable {
  /// The text of the script.
  public let source: String
  /// By what the server knows it: the SHA-1 of its text, in hexadecimal digits.
  public let digest: String
  private let isSafeToRepeat: Bool

  /// Names a script; sends nothing.
  ///
  /// - Parameter isSafeToRepeat: Whether running it twice does the same as running it once, so that
  ///   a client may send it again when a connection broke before the answer.
  public init(_ source: String, isSafeToRepeat: Bool = false) {
    self.source = source
    self.isSafeToRepeat = isSafeToRepeat
    digest = SHA1.hex(of: Array(source.utf8))
  }

  /// Runs the script: one round trip, and a second one when the server does not know it yet.
  ///
  /// - Parameters:
  ///   - commands: A client, or a connection of one's own.
  ///   - keys: `KEYS` in the script; on a cluster all of one slot.
  ///   - arguments: `ARGV` in the script.
  /// - Throws: ``RedisError``, also when the answer is an error of the server; `CancellationError`.
  public func run(
    on commands: some RedisCommands, keys: [any RedisEncodable] = [],
    _ arguments: [any RedisEncodable] = []
  ) async throws -> RedisValue {
    try await run(on: commands, keys.map(\.redisArgument), arguments.map(\.redisArgument))
  }

  func run(
    on commands: some RedisCommands, _ keys: [RedisArgument], _ arguments: [RedisArgument]
  ) async throws -> RedisValue {
    let operands = [.integer(Int64(keys.count))] + keys + arguments
    do {
      return try await commands.send(
        RedisCommand("EVALSHA", [.text(digest)] + operands, isSafeToRepeat: isSafeToRepeat),
        timeout: nil)
    } catch let unknown as RedisError where unknown.server?.code == "NOSCRIPT" {
      do {
        return try await commands.send(
          RedisCommand("EVAL", [.text(source)] + operands, isSafeToRepeat: isSafeToRepeat),
          timeout: nil)
      } catch let error as RedisError {
        // A node that knew it may have run it, before another one was asked that did not.
        throw error.orEarlier(mayHaveActed: unknown.mayHaveActed)
      }
    }
  }
}
