import Testing

@testable import RedisKit

@Suite("Pipelines whose slot moves")
struct ProgressTests {
  private let here = RedisConfiguration.Address.tcp(host: "a", port: 1)
  private let there = RedisConfiguration.Address.tcp(host: "b", port: 2)

  private func error(_ line: String) -> RedisValue { .error(RedisServerError(line: line)) }

  @Test("What is refused is sent again, in order; what is answered is not")
  func partly() throws {
    let commands = ["1", "2", "3"].map { RedisCommand("SET", "k", .text($0)) }
    var progress = try Progress(commands)
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
  func errors() throws {
    var progress = try Progress([RedisCommand("GET", "k")])
    let detour = progress.take([error("WRONGTYPE x")], from: here)
    #expect(detour == nil)
    #expect(progress.values == [error("WRONGTYPE x")])
  }

  @Test("A transaction that was thrown away is sent again as a whole")
  func transaction() throws {
    let commands = [
      RedisCommand("MULTI"), RedisCommand("INCR", "k"), RedisCommand("EXEC"),
    ]
    let ok = RedisValue.status("OK")
    var progress = try Progress(commands)
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

  @Test("A transaction whose EXEC is refused is sent again as a whole")
  func refusedExec() throws {
    let commands = [RedisCommand("MULTI"), RedisCommand("INCR", "k"), RedisCommand("EXEC")]
    let begin: [RedisValue] = [.status("OK"), .status("QUEUED")]
    let refusals: [(String, Detour)] = [
      ("MOVED 5 b:2", .moved(slot: 5, to: there)), ("ASK 5 b:2", .wait),
      (
        "EXECABORT Transaction discarded because of: READONLY You can't write against a replica.",
        .learn
      ),
    ]
    for (line, expected) in refusals {
      var progress = try Progress(commands)
      let detour = progress.take(begin + [error(line)], from: here)
      #expect(detour == expected, "\(line)")
      #expect(progress.open == [0, 1, 2])
    }
    var progress = try Progress(commands)
    let detour = progress.take(begin + [error("EXECABORT because of previous errors.")], from: here)
    #expect(detour == nil, "nothing another node would answer otherwise")
  }

  @Test(
    "A transaction with anything around it is refused before it is sent",
    arguments: [
      "INCR MULTI INCR EXEC", "MULTI INCR EXEC GET", "MULTI INCR EXEC MULTI INCR EXEC", "multi",
      "EXEC", "MULTI DISCARD EXEC", "MULTI MULTI EXEC", "MULTI INCR DISCARD", "GET EXEC",
    ])
  func mixed(names: String) {
    let commands = names.split(separator: " ").map { RedisCommand(String($0), "k") }
    let refusal = #expect(throws: RedisError.self) { try Progress(commands) }
    #expect(refusal?.code == .unsupportedCommand)
    #expect(refusal?.mayHaveActed == false)
  }

  @Test("What was read after a refused write is read again with it, if that is safe")
  func demoted() throws {
    let commands = [
      RedisCommand("GET", "a"), RedisCommand("SET", "k", "v"), RedisCommand("GET", "k"),
      RedisCommand("PUBLISH", "c", "x"),
    ]
    var progress = try Progress(commands)
    let replies: [RedisValue] = [.null, error("READONLY x"), .bytes([1]), .integer(1)]
    let detour = progress.take(replies, from: here)
    #expect(detour == .learn)
    #expect(progress.open == [1, 2])
    let rest = progress.take([.status("OK"), .bytes([118])], from: there)
    #expect(rest == nil)
    #expect(progress.values == [.null, .status("OK"), .bytes([118]), .integer(1)])
  }

  @Test("That a script of a pipeline did a part of its work outweighs the other refusals")
  func halfWay() throws {
    let script = RedisCommand("EVALSHA", "x", 1, "k", isSafeToRepeat: true)
    var progress = try Progress([script, script])
    let nonLocal = error("ERR Script attempted to access a non local key in a cluster node")
    let detour = progress.take([error("TRYAGAIN x"), nonLocal], from: here)
    #expect(detour == .again)
    #expect(progress.open == [0, 1])
  }
}
