import SessionCore
import Testing

@testable import RedisKit

@Suite("Slots of a Redis Cluster")
struct SlotTests {
  private func slot(_ key: String) -> Int { Slot.of(Array(key.utf8)) }

  @Test("The slot of a key is its CRC16 modulo 16384")
  func crc() {
    #expect(Slot.crc16("123456789".utf8) == 0x31C3)
    #expect(slot("") == 0)
    #expect(slot("foo") == 12182)
    #expect(slot("bar") == 5061)
    #expect(slot("é") == Int(Slot.crc16([0xC3, 0xA9])) % 16384)
  }

  @Test("Of a key with a hash tag the first tag counts alone, unless it is empty")
  func tags() {
    #expect(slot("{user1000}.following") == slot("user1000"))
    #expect(slot("foo{bar}{zap}") == slot("bar"))
    #expect(slot("foo{{bar}}zap") == slot("{bar"))
    #expect(slot("foo{}{bar}") == Int(Slot.crc16("foo{}{bar}".utf8)) % 16384)
    #expect(slot("foo{bar") == Int(Slot.crc16("foo{bar".utf8)) % 16384)
    #expect(slot("a}{b}") == slot("b"))
  }

  @Test("All keys of a user's scope lie in one slot, whatever the user is called")
  func scopes() throws {
    for name in ["Awa", "{", "}{", "a}b", "é", "*", "a b"] {
      for prefix in ["", "app:"] {
        let keys = SessionKeys(.user(try UserID(name)), prefix: prefix)
        #expect(keys.shareSlot)
        let id = "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f00"
        #expect(
          Set([keys.index, keys.historyPrefix + id, keys.metaPrefix + id].map(slot)).count == 1)
      }
    }
  }

  @Test("The shared scope lies in one slot behind a prefix with a hash tag, and not otherwise")
  func sharedScope() {
    #expect(SessionKeys(.shared, prefix: "{chat}:").shareSlot)
    for prefix in ["", "app:", "{}", "{", "}"] {
      #expect(!SessionKeys(.shared, prefix: prefix).shareSlot, "\(prefix)")
    }
  }

  @Test("A prefix that breaks the braces of a user's scope is found out")
  func brokenPrefix() throws {
    #expect(!SessionKeys(.user(try UserID("Awa")), prefix: "{").shareSlot)
    #expect(SessionKeys(.user(try UserID("Awa")), prefix: "{all}").shareSlot)
  }

  struct KeyCase: Sendable, CustomTestStringConvertible {
    let name: String
    let arguments: [RedisArgument]
    let key: String?
    init(_ line: String, _ key: String?) {
      let words = line.split(separator: " ").map(String.init)
      name = words[0]
      arguments = words.dropFirst().map { .text($0) }
      self.key = key
    }
    var testDescription: String { "\(name) \(arguments.count)" }
  }

  static let keyCases = [
    KeyCase("GET k", "k"), KeyCase("get k", "k"), KeyCase("MGET k j", "k"), KeyCase("PING", nil),
    KeyCase("SCAN 0", nil), KeyCase("EVALSHA abc 2 k j x", "k"), KeyCase("eval s 0 x", nil),
    KeyCase("EVAL s x k", nil), KeyCase("FCALL f 1 k", "k"), KeyCase("ZUNION 2 k j", "k"),
    KeyCase("BLMPOP 0 1 k LEFT", "k"), KeyCase("OBJECT ENCODING k", "k"),
    KeyCase("XINFO STREAM k", "k"), KeyCase("BITOP AND k j", "k"),
    KeyCase("MIGRATE h 1 k 0 5", "k"), KeyCase("XREAD COUNT 2 STREAMS k 0", "k"),
    KeyCase("XREADGROUP GROUP g c streams k >", "k"), KeyCase("XREAD COUNT 2", nil),
    KeyCase("MULTI", nil), KeyCase("CLIENT LIST", nil), KeyCase("GET", nil),
    KeyCase("UNHEARDOF k", "k"),
  ]

  @Test("The first key of a command decides where it goes", arguments: keyCases)
  func firstKey(of command: KeyCase) {
    let key = RedisCommand(command.name, command.arguments).firstKey
    #expect(key.map { String(decoding: $0, as: UTF8.self) } == command.key)
  }

  @Test("A key is bytes: it may be empty and hold line ends")
  func bytes() {
    let key: [UInt8] = [13, 10, 0, 255]
    #expect(RedisCommand("GET", .bytes(key)).firstKey.map(Array.init) == key)
    #expect(RedisCommand("GET", "").firstKey.map(Array.init) == [])
  }
}
