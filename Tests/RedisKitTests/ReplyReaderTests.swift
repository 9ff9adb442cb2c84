import Testing

@testable import RedisKit

@Suite("Reading replies")
struct ReplyReaderTests {
  private static let stream = """
    +OK\r\n-WRONGTYPE Operation against a key\r\n:42\r\n:-7\r\n$-1\r\n*-1\r\n$0\r\n\r\n\
    $8\r\na\r\nb\0é!\r\n*0\r\n*3\r\n$1\r\nx\r\n*2\r\n:1\r\n*1\r\n$-1\r\n-MOVED 7 h:1\r\n+PONG\r\n
    """
  private static let replies: [RedisValue] = [
    .status("OK"),
    .error(RedisServerError(code: "WRONGTYPE", message: "Operation against a key")),
    .integer(42), .integer(-7), .null, .null, .bytes([]), .bytes(Array("a\r\nb\0é!".utf8)),
    .array([]),
    .array([
      .bytes(Array("x".utf8)), .array([.integer(1), .array([.null])]),
      .error(RedisServerError(code: "MOVED", message: "7 h:1")),
    ]),
    .status("PONG"),
  ]

  private func reader(
    bytes: Int = 1 << 20, elements: Int = 1000, depth: Int = 7
  ) throws -> ReplyReader {
    try #require(
      ReplyReader(byteCountMax: bytes, elementCountMax: elements, depthMax: depth))
  }

  private func read(_ pieces: [ArraySlice<UInt8>], _ reader: ReplyReader) throws -> [RedisValue] {
    var replies: [RedisValue] = []
    for piece in pieces {
      try piece.withUnsafeBytes { bytes in
        try reader.read(bytes) { (reply) throws(ReplyReader.Failure) in replies.append(reply) }
      }
    }
    return replies
  }

  private func failure(
    _ text: String, bytes: Int = 1 << 20, elements: Int = 1000, depth: Int = 7
  ) throws -> ReplyReader.Failure? {
    let reader = try reader(bytes: bytes, elements: elements, depth: depth)
    do {
      _ = try read([Array(text.utf8)[...]], reader)
      return nil
    } catch let failure as ReplyReader.Failure {
      return failure
    }
  }

  @Test("Every kind of reply is read, wherever the bytes are split")
  func splits() throws {
    let stream = Array(Self.stream.utf8)
    for cut in 0...stream.count {
      let replies = try read([stream[..<cut], stream[cut...]], reader())
      #expect(replies == Self.replies, "cut at \(cut)")
    }
    let single = try read(stream.indices.map { stream[$0...$0] }, reader())
    #expect(single == Self.replies, "byte by byte")
  }

  @Test("A reply of a megabyte comes through, and the next one after it")
  func large() throws {
    let body = [UInt8](repeating: 13, count: 1 << 20)
    let stream = Array("$\(body.count)\r\n".utf8) + body + Array("\r\n+OK\r\n".utf8)
    let replies = try read([stream[...]], reader(bytes: 2 << 20))
    #expect(replies == [.bytes(body), .status("OK")])
  }

  @Test("A reply beyond a limit is refused, and one at the limit is not")
  func limits() throws {
    #expect(try failure("*3\r\n:1\r\n:2\r\n:3\r\n", elements: 3) == nil)
    #expect(try failure("*4\r\n", elements: 3) == .tooLarge)
    #expect(try failure("*2\r\n*1\r\n:1\r\n*1\r\n:1\r\n", elements: 3) == .tooLarge)
    #expect(try failure("*2\r\n:1\r\n:2\r\n*2\r\n:1\r\n:2\r\n", elements: 2) == nil)
    #expect(try failure("*1\r\n*1\r\n:1\r\n", depth: 2) == nil)
    #expect(try failure("*1\r\n*1\r\n*1\r\n:1\r\n", depth: 2) == .tooLarge)
    // hiredis itself ends at seven levels.
    let deep = String(repeating: "*1\r\n", count: 9) + ":1\r\n"
    #expect(try failure(deep, depth: 7) != nil)
    let long = "$100000\r\n" + String(repeating: "x", count: 50_000)
    #expect(try failure(long, bytes: 40_000) == .tooLarge)
    #expect(try failure("*2147483647\r\n") == .tooLarge)
  }

  @Test("What is not the protocol is refused")
  func malformed() throws {
    for text in ["HTTP/1.1 400\r\n", "%1\r\n+a\r\n+b\r\n", "*x\r\n", "\0\0\0\0"] {
      guard case .malformed? = try failure(text) else {
        Issue.record("\(text) was read")
        continue
      }
    }
  }

  @Test("A server's error is taken apart, and repeats nobody's text")
  func serverErrors() {
    let unknown = RedisServerError(
      line: "ERR unknown command `FOO`, with args beginning with: `secret text`, ")
    #expect(unknown.code == "ERR")
    #expect(unknown.message == "unknown command `FOO`")
    let old = RedisServerError(
      line: "ERR Error running script (call to f_0a): @user_script:9: -OOM command not allowed")
    #expect(old == RedisServerError(code: "OOM", message: "command not allowed"))
    #expect(RedisServerError(line: "LOADING").description == "LOADING")
    #expect(RedisServerError(line: "") == RedisServerError(code: "", message: ""))
  }

  @Test("A command is an array of bulk strings, whatever its arguments hold")
  func encoding() {
    let command = RedisCommand("SET", "é", .bytes([0, 13, 10, 0xFF]), .integer(-120), "")
    let expected =
      Array("*5\r\n$3\r\nSET\r\n$2\r\né\r\n$4\r\n".utf8) + [0, 13, 10, 0xFF]
      + Array("\r\n$4\r\n-120\r\n$0\r\n\r\n".utf8)
    #expect(command.encoded == expected)
    #expect(command.name == "SET")
    #expect("\(command)" == "SET")
    let numbers: [Int64] = [0, 9, 10, 99, 100, .max, .min, -1]
    for number in numbers {
      let text = String(number)
      let encoded = RedisCommand("ECHO", .integer(number)).encoded
      #expect(encoded == RedisCommand("ECHO", .text(text)).encoded)
    }
    let long = String(repeating: "x", count: 12_345)
    #expect(RedisCommand("ECHO", .text(long)).encoded.count == 14 + 8 + 12_345 + 2)
  }
}
