import SessionCore
import Testing

@testable import RedisKit

@Suite("Redis URLs")
struct RedisURLTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let url: String
    let address: RedisConfiguration.Address
    var user: String?
    var password: String?
    var database = 0
    var testDescription: String { url }
  }

  private static func tcp(_ host: String, _ port: UInt16 = 6379) -> RedisConfiguration.Address {
    .tcp(host: host, port: port)
  }

  static let valid: [Case] = [
    Case(url: "redis://", address: tcp("127.0.0.1")),
    Case(url: "redis://localhost", address: tcp("localhost")),
    Case(url: "REDIS://h:1/", address: tcp("h", 1)),
    Case(url: "redis://h:65535/15", address: tcp("h", 65535), database: 15),
    Case(url: "redis://h?db=3", address: tcp("h"), database: 3),
    Case(url: "redis://:p@h", address: tcp("h"), password: "p"),
    Case(url: "redis://u:p@h:7/2", address: tcp("h", 7), user: "u", password: "p", database: 2),
    Case(
      url: "redis://u%3A:p%40%2F%25é@h", address: tcp("h"), user: "u:", password: "p@/%é"),
    Case(url: "redis://u:p@q@h", address: tcp("h"), user: "u", password: "p@q"),
    Case(url: "redis://u:p:q@h", address: tcp("h"), user: "u", password: "p:q"),
    Case(url: "redis://[::1]:7/1", address: tcp("::1", 7), database: 1),
    Case(url: "redis://[fe80::1%25lo]", address: tcp("fe80::1%lo")),
    Case(url: "unix:///run/redis.sock", address: .unix(path: "/run/redis.sock")),
    Case(
      url: "unix:///a%20b?db=4&user=u&password=p%26", address: .unix(path: "/a b"), user: "u",
      password: "p&", database: 4),
  ]

  static let invalid = [
    "", "localhost", "http://h", "rediss//h", "redis:/h", "redis://h:0", "redis://h:65536",
    "redis://h:x", "redis://h:+1", "redis://h: 1", "redis://h:", "redis://h/x", "redis://h/-1",
    "redis://h/1/2", "redis://h/70000", "redis://secret@h", "redis://u:@h", "redis://[::1",
    "redis://[::1]x", "redis://h?foo=1", "redis://h?db=", "redis://a b", "redis://h\u{1}",
    "redis://%", "redis://u:%zz@h", "redis://u:%ff@h", "redis://u:%00@h", "redis://h#x",
    "unix://relative", "unix://", "unix:///", "unix:///a?db=x",
  ]

  @Test("rediss:// means TLS, with files of its own if it names some")
  func tls() throws {
    let plain = try RedisConfiguration(url: "rediss://u:p@h/1")
    #expect(plain.tls == RedisConfiguration.TLS())
    #expect(plain.database == 1)
    let url = "rediss://h?ca=/a%20b.pem&cert=c.pem&key=k.pem&db=2"
    let files = RedisConfiguration.TLS(
      authorityFile: "/a b.pem", certificateFile: "c.pem", keyFile: "k.pem")
    #expect(try RedisConfiguration(url: url).tls == files)
    #expect(try RedisConfiguration(url: "redis://h").tls == nil)
    #expect(throws: RedisError.self) { try RedisConfiguration(url: "redis://h?ca=x") }
  }

  @Test("A URL says where the server is and who we are", arguments: valid)
  func accepts(_ example: Case) throws {
    let configuration = try RedisConfiguration(url: example.url)
    #expect(configuration.address == example.address)
    #expect(configuration.user == example.user)
    #expect(configuration.password?.revealed == example.password)
    #expect(configuration.database == example.database)
  }

  @Test(
    "A URL that means nothing is refused with its reason, and is not repeated", arguments: invalid)
  func refuses(_ url: String) throws {
    let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.reason.contains("secret") == false)
    #expect(error?.reason.isEmpty == false)
  }

  @Test("A password is never printed")
  func secret() throws {
    let configuration = try RedisConfiguration(url: "redis://u:topsecret@h")
    var dumped = ""
    dump(configuration, to: &dumped)
    for text in ["\(configuration)", String(reflecting: configuration), dumped] {
      #expect(!text.contains("topsecret"))
    }
  }
}
