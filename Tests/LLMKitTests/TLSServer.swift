import Foundation
import SessionCore
import TestSupport

/// OpenSSL's own HTTPS server, with a certificate made for 127.0.0.1 or for another name.
final class TLSServer: Sendable {
  let port: Int
  /// The certificate, which is its own authority.
  let certificateFile: String
  private let directory: URL
  private let process: Process

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
    let make = Self.openssl([
      "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
      "-days", "2", "-subj", "/CN=test", "-addext", "subjectAltName=\(name)", "-keyout", keyFile,
      "-out", certificateFile,
    ])
    try make.start()
    make.waitUntilExit()
    guard make.terminationStatus == 0 else { throw Failed() }
    process = Self.openssl([
      "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", certificateFile, "-key", keyFile,
    ])
    let output = Pipe()
    process.standardOutput = output
    try process.start()
    var line: [UInt8] = []
    var port: Int?
    while port == nil {
      guard let byte = try output.fileHandleForReading.read(upToCount: 1)?.first else {
        throw Failed()
      }
      line.append(byte)
      guard byte == UInt8(ascii: "\n") else { continue }
      let text = String(decoding: line, as: UTF8.self)
      if text.hasPrefix("ACCEPT") {
        port = text.split(separator: ":").last.flatMap { Int($0.dropLast()) }
      }
      line = []
    }
    guard let port else { throw Failed() }
    self.port = port
  }

  private static func openssl(_ arguments: [String]) -> Process {
    let process = Process()
    process.executableURL = URL(filePath: "/usr/bin/env")
    process.arguments = ["openssl"] + arguments
    process.standardError = FileHandle.nullDevice
    return process
  }

  deinit {
    // SIGTERM is no use: a process of Foundation starts with the signals of its maker blocked.
    kill(process.processIdentifier, SIGKILL)
    try? FileManager.default.removeItem(at: directory)
  }
}
