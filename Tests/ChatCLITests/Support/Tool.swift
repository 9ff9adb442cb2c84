import Glibc

/// Programs that look at the servers from outside.
enum Tool {
  /// The rights of a file.
  static func mode(of path: String) throws -> mode_t {
    var status = stat()
    guard stat(path, &status) == 0 else { throw Failed(description: "no file \(path)") }
    return status.st_mode & 0o777
  }

  struct Failed: Error, CustomStringConvertible {
    let description: String
  }

  /// Runs a program to its end and returns what it wrote.
  static func run(
    _ path: String, _ arguments: [String], environment: [String: String] = [:]
  ) async throws -> String {
    let program = try RunningProgram(
      Spawn.start(
        path, arguments,
        environment: ["PATH": "/usr/bin:/bin:/usr/sbin"].merging(environment) { $1 },
        directory: "/"))
    program.closeInput()
    let result = await program.end()
    guard result.code == 0 else {
      throw Failed(description: "\(path): \(result.errors)\(result.output)")
    }
    return result.output
  }
}

/// Parts of `scheme://user:password@host:port/path`.
struct ServerAddress: Sendable {
  let scheme: String
  let user: String
  let password: String
  let host: String
  let port: String

  init(_ url: String) throws {
    let pattern = #/([a-z]+)://([^:@/]*):([^@/]*)@([^:/]+):(\d+)(/.*)?/#
    guard let match = try pattern.wholeMatch(in: url) else {
      throw Tool.Failed(description: "a URL of an unexpected form")
    }
    scheme = String(match.1)
    user = String(match.2)
    password = String(match.3)
    host = String(match.4)
    port = String(match.5)
  }

  func url(_ path: String) -> String { "\(scheme)://\(user):\(password)@\(host):\(port)/\(path)" }
}
