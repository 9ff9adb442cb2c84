import MySQLKit
import SessionCore
import TestSupport
import Testing

@Suite("Ways to the server", .enabled(if: Servers.hasDatabase, "set DATABASE_URL"))
struct MySQLConnectingTests {
  private func answer(
    _ change: (inout MySQLConfiguration) -> Void
  ) async throws -> String {
    var configuration = try MySQLConfiguration(url: try Servers.requireDatabaseURL())
    change(&configuration)
    let client = MySQLClient(configuration)
    let result: Result<String, any Error>
    do {
      let rows = try await client.query("SHOW STATUS LIKE 'Ssl_cipher'")
      result = .success(try rows[0].text(1))
    } catch {
      result = .failure(error)
    }
    await client.close()
    return try result.get()
  }

  /// The path of the socket, which the server tells relative to its data.
  private func socketPath() async throws -> String {
    let client = MySQLClient(try MySQLConfiguration(url: try Servers.requireDatabaseURL()))
    let row = try await client.query("SELECT @@socket, @@datadir")[0]
    await client.close()
    let (socket, directory) = (try row.text(0), try row.text(1))
    return socket.hasPrefix("/") ? socket : directory + socket
  }

  @Test("are its Unix socket too")
  func socket() async throws {
    let path = try await socketPath()
    #expect(try await answer { $0.address = .socket(path) } == "")
  }

  @Test("are protected or not, as the mode asks, on a server that cannot protect them")
  func plainServer() async throws {
    #expect(try await answer { $0.tls = .disabled } == "")
    #expect(try await answer { $0.tls = .preferred } == "")
    for mode in [MySQLConfiguration.TLSMode.required, .verifyCA, .verifyIdentity] {
      let error = await #expect(throws: MySQLError.self) { _ = try await answer { $0.tls = mode } }
      #expect(error?.code == .connectFailed, "\(mode)")
    }
  }
}
