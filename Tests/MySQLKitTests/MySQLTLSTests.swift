import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite(
  "A protected server", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"),
  .timeLimit(.minutes(5)))
struct MySQLTLSTests {
  /// The cipher of a connection, empty when it has none; or why there was no connection.
  private func cipher(
    _ server: PrivateMariaDB, _ mode: MySQLConfiguration.TLSMode, authority: String? = nil,
    host: String = "127.0.0.1"
  ) async -> Result<String, MySQLError> {
    var configuration = server.configuration
    configuration.address = .host(host, port: server.port)
    configuration.tls = mode
    configuration.certificateAuthorityFile = authority
    let client = MySQLClient(configuration)
    let result: Result<String, MySQLError>
    do {
      let rows = try await client.query("SHOW STATUS LIKE 'Ssl_cipher'")
      result = .success(try rows[0].text(1))
    } catch let error as MySQLError {
      result = .failure(error)
    } catch {
      result = .failure(MySQLError(code: .refused, reason: "\(error)"))
    }
    await client.close()
    return result
  }

  private func isRefused(_ result: Result<String, MySQLError>) -> Bool {
    if case .failure(let error) = result { error.code == .connectFailed } else { false }
  }

  private func isEncrypted(_ result: Result<String, MySQLError>) -> Bool {
    if case .success(let cipher) = result { !cipher.isEmpty } else { false }
  }

  @Test("is spoken to as the mode asks: plainly, encrypted, its authority or its name verified")
  func modes() async throws {
    let certificates = try await TestCertificates.make(for: "IP:127.0.0.1")
    let stranger = try await TestCertificates.make()
    let server = try await PrivateMariaDB([
      "--ssl-ca=\(certificates.authorityFile)", "--ssl-cert=\(certificates.certificateFile)",
      "--ssl-key=\(certificates.keyFile)",
    ])
    let (ours, theirs) = (certificates.authorityFile, stranger.authorityFile)
    #expect(try await cipher(server, .disabled).get() == "")
    #expect(isEncrypted(await cipher(server, .preferred)))
    #expect(isEncrypted(await cipher(server, .required)))
    for mode in [MySQLConfiguration.TLSMode.verifyCA, .verifyIdentity] {
      #expect(isEncrypted(await cipher(server, mode, authority: ours)), "\(mode)")
      #expect(isRefused(await cipher(server, mode, authority: theirs)), "\(mode)")
      // The authorities of the system know nothing of this one.
      #expect(isRefused(await cipher(server, mode)), "\(mode)")
    }
    // The certificate names the address, and not this name for it.
    #expect(isEncrypted(await cipher(server, .verifyCA, authority: ours, host: "localhost")))
    #expect(isRefused(await cipher(server, .verifyIdentity, authority: ours, host: "localhost")))
    await server.kill()
  }
}
