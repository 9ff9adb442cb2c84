import Foundation
import SessionCore
import TestSupport

/// OpenSSL's own HTTPS server, with a certificate made for 127.0.0.1 or for another name.
final class TLSServer: Sendable {
  let port: Int
  /// The certificate, which is its own authority.
  let certificateFile: String
  private let directory: URL
  private let process: SpawnedProcess

  struct Failed: Error {}

  static func start(name: String = "IP:127.0.0.1") async throws -> TLSServer {
    try await withCheckedThrowingContinuation { continuation in
      do {
        // Starting a process and reading its first line both block.
        _ = try DedicatedThread { continuation.resume(with: Result { try TLSServer(name: name) }) }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  private init(name: String) throws {
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
    process = try SpawnedProcess(
      "openssl",
      ["s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificateFile, "-key", keyFile],
      output: .pipe)
    var output = ""
    var port: Int?
    while port == nil {
      let bytes = process.read()
      if bytes.isEmpty { throw Failed() }
      output += String(decoding: bytes, as: UTF8.self)
      // `ACCEPT 127.0.0.1:40000`, on a line of its own.
      let whole = output.split(separator: "\n", omittingEmptySubsequences: false).dropLast()
      port = whole.first { $0.hasPrefix("ACCEPT") }?.split(separator: ":").last.flatMap { Int($0) }
    }
    guard let port else { throw Failed() }
    self.port = port
  }

  deinit {
    process.kill()
    try? FileManager.default.removeItem(at: directory)
  }
}
