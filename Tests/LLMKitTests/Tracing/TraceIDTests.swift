import LLMKit
import SessionCore
import Testing

@Suite("Trace ids")
struct TraceIDTests {
  static let vectors: [(message: String, digest: String)] = [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
    (
      String(repeating: "a", count: 1_000_000),
      "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
    ),
    // The lengths around the padding of one block.
    (
      String(repeating: "a", count: 55),
      "9f4390f8d30c2dd92ec9f095b65e2b9ae9b0a925a5258e241c9f1e910f734318"
    ),
    (
      String(repeating: "a", count: 56),
      "b35439a4ac6f0948b6d6f9e3c6af0f5f590ce20f1bde7090ef7970686ec6738a"
    ),
    (
      String(repeating: "a", count: 64),
      "ffe054fe7ae0cb6dc65c3af9b61d5209f439851db43d0ba5997337df154668eb"
    ),
  ]

  @Test("SHA-256 gives the digests of the standard", arguments: vectors)
  func digests(message: String, digest: String) {
    let bytes = SHA256.digest(message.utf8)
    let text = bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    #expect(text == digest)
  }

  @Test("The trace of a question is the first half of the SHA-256 of its id, in small hexadecimal")
  func traceID() throws {
    // printf 0198a0b1-7c00-7000-8000-000000000001 | sha256sum
    let question = try #require(MessageID("0198A0B1-7C00-7000-8000-000000000001"))
    #expect(TraceID(question: question).description == "b4fb9a20fef65997fdf0ba8eb3d60a0a")
    #expect(SpanID(seed: question.description).description == "b4fb9a20fef65997")
  }
}
