import SessionCore
import Testing

@testable import RedisKit

@Suite("URLs of clusters and of sentinels")
struct TopologyURLTests {
  private func tcp(_ host: String, _ port: UInt16) -> RedisConfiguration.Address {
    .tcp(host: host, port: port)
  }

  @Test("redis+cluster:// names one node or several, and credentials for all of them")
  func cluster() throws {
    let one = try RedisConfiguration(url: "redis+cluster://h")
    #expect(one.address == tcp("h", 6379))
    #expect(one.topology == .cluster(others: []))
    let many = try RedisConfiguration(url: "REDIS+cluster://u:p%40@a:1,[::1]:2,c/0?db=0")
    #expect(many.addresses == [tcp("a", 1), tcp("::1", 2), tcp("c", 6379)])
    #expect(many.user == "u")
    #expect(many.password?.revealed == "p@")
    #expect(many.description == "Redis Cluster at a:1, [::1]:2, c:6379")
    #expect(try RedisConfiguration(url: "redis+cluster://").addresses == [tcp("127.0.0.1", 6379)])
    let tls = try RedisConfiguration(url: "rediss+cluster://a,b?ca=/c.pem")
    #expect(tls.tls?.authorityFile == "/c.pem")
    #expect(tls.topology == .cluster(others: [tcp("b", 6379)]))
    #expect(try RedisConfiguration(url: "redis://h").topology == .single)
  }

  @Test("redis+sentinel:// names sentinels, the primary, its database, and passwords of both")
  func sentinel() throws {
    let url = "redis+sentinel://u:p@a,b:7/my%20name/3?sentinel-user=s&sentinel-password=t%26"
    let full = try RedisConfiguration(url: url)
    #expect(full.addresses == [tcp("a", 26379), tcp("b", 7)])
    #expect(full.database == 3)
    #expect(full.user == "u")
    let group = RedisConfiguration.SentinelGroup(
      primaryName: "my name", others: [tcp("b", 7)], user: "s", password: Secret("t&"))
    #expect(full.topology == .sentinel(group))
    let short = try RedisConfiguration(url: "redis+sentinel://a/m")
    #expect(short.topology == .sentinel(.init(primaryName: "m")))
    #expect(short.password == nil)
  }

  static let invalid = [
    "redis+cluster://h/1", "redis+cluster://h?db=2", "redis+cluster://a,,b", "redis+cluster://a,",
    "redis+cluster://a:0", "redis+cluster://secret@a", "redis+cluster://a?sentinel-user=x",
    "redis+sentinel://a", "redis+sentinel://a/", "redis+sentinel://a//0", "redis+sentinel://a/m/x",
    "redis+sentinel://a/m/1/2", "redis+sentinel://a/m?sentinel-user=x",
    "rediss+sentinel://a/m", "redis://a?sentinel-password=secret", "redis+other://a",
  ]

  @Test("What means nothing is refused, and nothing of it repeated", arguments: invalid)
  func refuses(url: String) {
    let error = #expect(throws: RedisError.self) { try RedisConfiguration(url: url) }
    #expect(error?.code == .invalidConfiguration)
    #expect(error?.reason.contains("secret") == false)
  }

  @Test("No URL of either kind prints a password")
  func secrets() throws {
    let url = "redis+sentinel://u:hidden@a/m?sentinel-password=hidden2"
    let configuration = try RedisConfiguration(url: url)
    #expect(!"\(configuration)".contains("hidden"))
    #expect(!String(reflecting: configuration.topology).contains("hidden"))
    var text = ""
    dump(configuration, to: &text)
    #expect(!text.contains("hidden"))
  }
}
