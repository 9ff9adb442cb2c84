import SessionCore

/// A server that a test starts, and that is up when this is made.
public final class ServerProcess: Sendable {
  /// A server that ended before it was up, and what it said.
  public struct Ended: Error, CustomStringConvertible {
    /// What it said.
    public let description: String

    /// Takes what it said.
    public init(description: String) { self.description = description }
  }

  private let process: SpawnedProcess

  private init(_ process: SpawnedProcess) { self.process = process }

  deinit { process.kill() }

  /// Starts `program`, and waits until it has written `sign`.
  public static func start(
    _ program: String, _ arguments: [String], upWhenSays sign: String
  ) async throws -> ServerProcess {
    let process = try SpawnedProcess(program, arguments, output: .pipe, errors: .pipe)
    return try await withCheckedThrowingContinuation { continuation in
      do {
        // One thread reads to the end: what the server says later must not fill the pipe.
        _ = try DedicatedThread {
          var log = ""
          var isUp = false
          while case let bytes = process.read(), !bytes.isEmpty {
            if isUp { continue }
            log += String(decoding: bytes, as: UTF8.self)
            guard log.contains(sign) else { continue }
            isUp = true
            continuation.resume(returning: ServerProcess(process))
          }
          process.wait()
          if !isUp { continuation.resume(throwing: Ended(description: log)) }
        }
      } catch {
        process.kill()
        continuation.resume(throwing: error)
      }
    }
  }

  /// Ends the server at once, as a crash does, and waits until it is gone.
  public func kill() async {
    await withCheckedContinuation { continuation in
      do {
        _ = try DedicatedThread { [process] in
          process.kill()
          continuation.resume()
        }
      } catch {
        process.kill()
        continuation.resume()
      }
    }
  }
}
