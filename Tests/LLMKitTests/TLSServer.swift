import Foundation
import SessionCore
import TestSupport

/// An HTTPS server of others' make, with a certificate made for 127.0.0.1 or for another name:
/// OpenSSL's, or nghttp2's, which speaks HTTP/2 and nothing else.
final class TLSServer: Sendable {
  enum Speech: Sendable {
    case http1
    case http2
  }

  let port: Int
  /// The certificate, which is its own authority.
  let certificateFile: String
  private let directory: URL
  private let process: SpawnedProcess
  private let output = Locked("")

  /// What the server has printed so far: nghttp2's tells everything that it sees.
  var log: String { output.withLock { $0 } }

  struct Failed: Error {}

  static func start(
    _ speech: Speech = .http1, name: String = "IP:127.0.0.1"
  ) async throws -> TLSServer {
    try await withCheckedThrowingContinuation { continuation in
      do {
        // Starting a process and reading its first line both block.
        _ = try DedicatedThread {
          continuation.resume(with: Result { try TLSServer(speech, name: name) })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  private init(_ speech: Speech, name: String) throws {
    directory = FileManager.default.temporaryDirectory.appending(
      path: "tls-\(UUID().uuidString)", directoryHint: .isDirectory)
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    certificateFile = directory.appending(path: "certificate.pem").path
    let keyFile = directory.appending(path: "key.pem").path
    let made = try SpawnedProcess(
      "openssl",
      [
        "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
        "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=\(name)", "-keyout", keyFile,
        "-out", certificateFile,
      ]
    ).wait()
    guard made == 0 else { throw Failed() }
    switch speech {
    case .http1:
      process = try SpawnedProcess(
        "openssl",
        [
          "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificateFile, "-key", keyFile,
        ], output: .pipe)
      // `ACCEPT 127.0.0.1:40000`, on a line of its own.
      let line = try Self.line(beginning: "ACCEPT", of: process)
      guard let port = line.split(separator: ":").last.flatMap({ Int($0) }) else { throw Failed() }
      self.port = port
    case .http2:
      (process, port) = try Self.nghttpd(directory.path, keyFile, certificateFile)
    }
    _ = try DedicatedThread { [process, output] in
      while true {
        let bytes = process.read()
        if bytes.isEmpty { return }
        output.withLock { $0 += String(decoding: bytes, as: UTF8.self) }
      }
    }
  }

  deinit {
    process.kill()
    try? FileManager.default.removeItem(at: directory)
  }

  /// It does not say which port it was given, so it is told one that was free a moment ago, and
  /// another one if that is taken meanwhile. It sends back what is posted to `/echo`.
  private static func nghttpd(
    _ directory: String, _ keyFile: String, _ certificateFile: String
  ) throws -> (SpawnedProcess, port: Int) {
    try Data().write(to: URL(filePath: directory).appending(path: "echo"))
    for _ in 0..<20 {
      let port = Int(try RawServer { _, _ in }.port)
      let process = try SpawnedProcess(
        "nghttpd",
        [
          "--verbose", "--echo-upload", "--address=127.0.0.1", "--htdocs=\(directory)", "\(port)",
          keyFile, certificateFile,
        ], output: .pipe)
      if (try? line(beginning: "IPv4: listen", of: process)) != nil { return (process, port) }
      process.kill()
    }
    throw Failed()
  }

  /// Waits for a whole line of what the program prints.
  private static func line(beginning: String, of process: SpawnedProcess) throws -> String {
    var output = ""
    while true {
      let bytes = process.read()
      if bytes.isEmpty { throw Failed() }
      output += String(decoding: bytes, as: UTF8.self)
      let whole = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      if let line = whole.first(where: { $0.hasPrefix(beginning) }) { return String(line) }
    }
  }
}
