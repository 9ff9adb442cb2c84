import Testing

@testable import RedisKit

@Suite("Which node has which slot")
struct NodeMapTests {
  private typealias Address = RedisConfiguration.Address
  private let asked = Address.tcp(host: "seed", port: 1)

  private func node(_ host: String?, _ port: Int64) -> RedisValue {
    .array([host.map { .bytes(Array($0.utf8)) } ?? .null, .integer(port), .bytes([120])])
  }

  private func range(_ first: Int64, _ last: Int64, _ nodes: RedisValue...) -> RedisValue {
    .array([.integer(first), .integer(last)] + nodes)
  }

  @Test("Reads CLUSTER SLOTS: ranges, primaries, replicas; nobody has what is in no range")
  func reads() throws {
    let answer = RedisValue.array([
      range(0, 99, node("a", 7000), node("b", 7001)),
      range(200, 16383, node("c", 7002), node("b", 7001)), range(100, 100, node("a", 7000)),
    ])
    let map = try #require(NodeMap(slots: answer, from: asked))
    #expect(map.primaries == [.tcp(host: "a", port: 7000), .tcp(host: "c", port: 7002)])
    #expect(map.replicas == [.tcp(host: "b", port: 7001)])
    #expect(map.owner(of: 0) == .tcp(host: "a", port: 7000))
    #expect(map.owner(of: 100) == .tcp(host: "a", port: 7000))
    #expect(map.owner(of: 101) == nil)
    #expect(map.owner(of: 200) == .tcp(host: "c", port: 7002))
    #expect(map.owner(of: 16383) == .tcp(host: "c", port: 7002))
    #expect(map.owner(of: nil).map(map.primaries.contains) == true)
  }

  @Test("A node without a host is where we asked; one called ? cannot be reached")
  func hosts() throws {
    let answer = RedisValue.array([
      range(0, 0, node(nil, 7)), range(1, 1, node("", 8)), range(2, 2, node("?", 9)),
      range(3, 3, node("::1", 10)),
    ])
    let map = try #require(NodeMap(slots: answer, from: asked))
    #expect(map.owner(of: 0) == .tcp(host: "seed", port: 7))
    #expect(map.owner(of: 1) == .tcp(host: "seed", port: 8))
    #expect(map.owner(of: 2) == nil)
    #expect(map.owner(of: 3) == .tcp(host: "::1", port: 10))
  }

  @Test("What is no such answer, or names no node, is not taken for a map")
  func refuses() {
    let answers: [RedisValue] = [
      .null, .array([]), .status("OK"), .array([.integer(1)]),
      .array([range(0, 16384, node("a", 1))]),
      .array([range(-1, 2, node("a", 1))]), .array([range(5, 4, node("a", 1))]),
      .array([range(0, 5)]), .array([range(0, 5, node("a", 0))]),
      .array([range(0, 5, node("a", 70000))]),
    ]
    for answer in answers { #expect(NodeMap(slots: answer, from: asked) == nil, "\(answer)") }
  }

  @Test("A slot that moves takes no other slot with it")
  func moves() {
    var map = NodeMap(all: asked)
    let other = Address.tcp(host: "b", port: 2)
    map.move(7, to: other)
    map.move(16384, to: other)
    #expect(map.owner(of: 7) == other)
    #expect(map.owner(of: 6) == asked)
    #expect(map.owner(of: 8) == asked)
    #expect(map.primaries == [asked, other])
    #expect(NodeMap().owner(of: 0) == nil)
    #expect(NodeMap().owner(of: nil) == nil)
  }
}
