import Testing

@testable import RedisKit

@Suite("Pipelines whose slot moves")
struct ProgressTests {
  private let here = RedisConfiguration.Address.tcp(host: "a", port: 1)
  private let there = RedisConfiguration.Address.tcp(host: "b", port: 2)

  private func error(_ line: String) -> RedisValue { .error(RedisServerError(line: line)) }

  @Test("What is refused is sent again, in order; what is answered is not")
  func partly() {
    let commands = ["1", "2", "3"].map { RedisCommand("SET", "k", .text($0)) }
    var progress = Progress(commands)
    #expect(progress.bytes(isAsking: false) == commands.flatMap(\.encoded))
    let detour = progress.take(
      [.status("OK"), error("ASK 5 b:2"), error("ASK 5 b:2")], from: here)
    #expect(detour == .ask(there))
    #expect(progress.isPartial)
    let asking = RedisCommand("ASKING").encoded
    #expect(
      progress.bytes(isAsking: true)
        == asking + commands[1].encoded + asking + commands[2].encoded)
    #expect(progress.replyCount(isAsking: true) == 4)
    let values: [RedisValue] = [.status("OK"), .integer(2), .status("OK"), .integer(3)]
    let replies = progress.replies(in: values, isAsking: true)
    let rest = progress.take(replies, from: there)
    #expect(rest == nil)
    #expect(progress.values == [.status("OK"), .integer(2), .integer(3)])
  }

  @Test("An error that no other node would answer otherwise is the answer")
  func errors() {
    var progress = Progress([RedisCommand("GET", "k")])
    let detour = progress.take([error("WRONGTYPE x")], from: here)
    #expect(detour == nil)
    #expect(progress.values == [error("WRONGTYPE x")])
  }

  @Test("A transaction that was thrown away is sent again as a whole")
  func transaction() {
    let commands = [
      RedisCommand("MULTI"), RedisCommand("INCR", "k"), RedisCommand("EXEC"),
    ]
    let ok = RedisValue.status("OK")
    var progress = Progress(commands)
    let abort = error("EXECABORT Transaction discarded because of previous errors.")
    let moved = progress.take([ok, error("MOVED 5 b:2"), abort], from: here)
    #expect(moved == .moved(slot: 5, to: there))
    #expect(progress.bytes(isAsking: false) == commands.flatMap(\.encoded))
    let asked = progress.take([ok, error("ASK 5 b:2"), abort], from: here)
    #expect(asked == .wait)
    #expect(!progress.isPartial)
    let done = progress.take([ok, .status("QUEUED"), .array([.integer(1)])], from: there)
    #expect(done == nil)
    #expect(progress.values[2] == .array([.integer(1)]))
  }
}
