import SessionCore

/// An authority of a test's own, and certificates that it signed.
public final class TestCertificates: Sendable {
  /// OpenSSL did not make them.
  public struct Failed: Error {}

  private let directory: TemporaryDirectory

  /// The authority's certificate.
  public var authorityFile: String { directory.file("ca.pem") }
  /// The server's certificate.
  public var certificateFile: String { directory.file("certificate.pem") }
  /// The server's key.
  public var keyFile: String { directory.file("key.pem") }

  /// A certificate for `name` (`IP:127.0.0.1`, `DNS:example.org`), made by OpenSSL.
  public static func make(for name: String = "IP:127.0.0.1") async throws -> TestCertificates {
    try await withCheckedThrowingContinuation { continuation in
      do {
        // Waiting for another process blocks.
        _ = try DedicatedThread {
          continuation.resume(with: Result { try TestCertificates(for: name) })
        }
      } catch {
        continuation.resume(throwing: error)
      }
    }
  }

  private init(for name: String) throws {
    directory = try TemporaryDirectory()
    let key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]
    try Self.openssl(
      ["req", "-x509", "-days", "2", "-subj", "/CN=authority"] + key
        + ["-keyout", directory.file("ca-key.pem"), "-out", directory.file("ca.pem")])
    try Self.openssl(
      ["req", "-subj", "/CN=test"] + key
        + ["-keyout", directory.file("key.pem"), "-out", directory.file("request.pem")])
    try directory.write("subjectAltName=\(name)\n".utf8, to: "names")
    try Self.openssl([
      "x509", "-req", "-in", directory.file("request.pem"), "-CA", directory.file("ca.pem"),
      "-CAkey", directory.file("ca-key.pem"), "-CAcreateserial", "-days", "2", "-extfile",
      directory.file("names"), "-out", directory.file("certificate.pem"),
    ])
  }

  private static func openssl(_ arguments: [String]) throws {
    guard try SpawnedProcess("openssl", arguments).wait() == 0 else { throw Failed() }
  }
}
