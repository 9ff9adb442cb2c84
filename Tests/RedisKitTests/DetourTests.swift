import SessionCore
import TestSupport
import Testing

@testable import RedisKit

@Suite("What a refusal in a cluster asks for")
struct DetourTests {
  private typealias Address = RedisConfiguration.Address
  private let asked = Address.tcp(host: "seed", port: 1)
  private let other = Address.tcp(host: "10.0.0.2", port: 6381)

  private func detour(_ line: String, isSafeToRepeat: Bool = false) -> Detour? {
    Detour(RedisServerError(line: line), from: asked, isSafeToRepeat: isSafeToRepeat)
  }

  @Test("MOVED and ASK name a node, as a host and a port; no host is the one that was asked")
  func redirections() {
    #expect(detour("MOVED 3999 10.0.0.2:6381") == .moved(slot: 3999, to: other))
    #expect(detour("ASK 3999 10.0.0.2:6381") == .ask(other))
    #expect(detour("MOVED 1 :6381") == .moved(slot: 1, to: .tcp(host: "seed", port: 6381)))
    #expect(detour("MOVED 1 ::1:6381") == .moved(slot: 1, to: .tcp(host: "::1", port: 6381)))
  }

  @Test("A redirection to nowhere means to find out anew")
  func nowhere() {
    for line in [
      "MOVED", "MOVED x 10.0.0.2:1", "MOVED 1 ?:1", "MOVED 1 host", "MOVED 1 h:0",
      "MOVED 16384 h:1", "MOVED -1 h:1", "MOVED 99999999999999999999 h:1",
    ] {
      #expect(detour(line) == .learn, "\(line)")
    }
    #expect(detour("ASK 1 ?:1") == .wait)
  }

  @Test("What passes is waited for; what has changed is found out; the rest is an answer")
  func others() {
    #expect(detour("TRYAGAIN Multiple keys request during rehashing of slot") == .wait)
    for line in ["CLUSTERDOWN The cluster is down", "READONLY x", "LOADING x", "MASTERDOWN x"] {
      #expect(detour(line) == .learn, "\(line)")
    }
    for line in ["ERR unknown", "CROSSSLOT x", "NOSCRIPT x", "OOM x", "WRONGTYPE x", "NOPERM x"] {
      #expect(detour(line) == nil, "\(line)")
    }
    let nonLocal = "ERR Script attempted to access a non local key in a cluster node script: x"
    #expect(detour(nonLocal, isSafeToRepeat: true) == .again)
    #expect(detour(nonLocal) == nil, "it may have done half of its work")
  }

  @Test("Without an answer, only what did not run or may run twice is sent again")
  func failures() {
    func detour(
      _ code: RedisError.Code, acted: Bool = false, safe: Bool = false, server: String? = nil
    ) -> Detour? {
      let error = RedisError(
        code: code, reason: "", server: server.map { RedisServerError(line: $0) },
        mayHaveActed: acted)
      return Detour(error, isSafeToRepeat: safe)
    }
    #expect(detour(.connectFailed) == .learn)
    #expect(detour(.connectFailed, server: "LOADING x") == .learn)
    #expect(detour(.connectFailed, server: "WRONGPASS x") == nil)
    #expect(detour(.connectionLost, acted: true) == nil)
    #expect(detour(.connectionLost, acted: true, safe: true) == .learn)
    for code in [RedisError.Code.timedOut, .queueFull, .closed, .protocolViolation, .replyTooLarge]
    {
      #expect(detour(code, safe: true) == nil, "\(code)")
    }
  }

  @Test("Redirections without a pause are followed eight times, and then there is one")
  func bound() {
    var random = RepeatableRandom(seed: 1)
    var course = Course(until: 1_000_000_000)
    for _ in 1...8 {
      let step = course.step(.moved(slot: 1, to: other), at: 0, using: &random)
      #expect(step == .follow(other, isAsking: false))
    }
    let ninth = course.step(.moved(slot: 1, to: other), at: 0, using: &random)
    guard case .pause(_, isLearning: true)? = ninth else {
      Issue.record("the ninth is not paused for: \(String(describing: ninth))")
      return
    }
    let tenth = course.step(.moved(slot: 1, to: other), at: 0, using: &random)
    #expect(tenth == .follow(other, isAsking: false))
    course = Course(until: 1_000_000_000)
    let asking = course.step(.ask(other), at: 0, using: &random)
    #expect(asking == .follow(other, isAsking: true))
    let late = course.step(.ask(other), at: 1_000_000_000, using: &random)
    #expect(late == nil)
  }

  @Test("Pauses differ by chance, grow to 0.4 s, and end before the deadline")
  func pauses() {
    for seed in 0..<50 as Range<UInt64> {
      var random = RepeatableRandom(seed: seed)
      var course = Course(until: 5_000_000_000)
      var now: Int64 = 0
      var lengths: [Int64] = []
      while case .pause(let length, let isLearning)? = course.step(
        .learn, at: now, using: &random)
      {
        #expect(isLearning)
        lengths.append(length)
        now += length
      }
      #expect(now < 5_000_000_000 && now > 4_500_000_000, "seed \(seed)")
      #expect(lengths.count < 40 && lengths[0] <= 10_000_000, "seed \(seed)")
      #expect(lengths.allSatisfy { $0 <= 400_000_000 }, "seed \(seed)")
    }
  }

  @Test("What was sent and lost twice is not sent a third time")
  func losses() {
    var course = Course(until: 1)
    #expect(!course.mayHaveActed)
    let isFirst = course.noteLoss()
    #expect(isFirst)
    #expect(course.mayHaveActed)
    let isFirstAgain = course.noteLoss()
    #expect(!isFirstAgain)
  }

  @Test("A script that is run again may have acted, and may still be lost once")
  func halfWay() {
    var random = RepeatableRandom(seed: 1)
    var course = Course(until: 1_000_000_000)
    let step = course.step(.again, at: 0, using: &random)
    guard case .pause(_, isLearning: false)? = step else {
      Issue.record("it is not run again: \(String(describing: step))")
      return
    }
    #expect(course.mayHaveActed)
    let isFirst = course.noteLoss()
    #expect(isFirst)
  }

  @Test(
    "What a server refuses it may take back: the store is away, and says why",
    arguments: [
      ("READONLY x", SessionStoreError.Cause.readOnly), ("ASK 1 h:1", .noPrimary),
      ("MOVED 1 h:1", .noPrimary), ("CLUSTERDOWN x", .noPrimary), ("TRYAGAIN x", .noPrimary),
      ("MASTERDOWN x", .noPrimary), ("OOM x", .outOfMemory), ("MISCONF x", .notPersisting),
      ("NOPERM x", .missingPermission), ("BUSY x", .busy), ("LOADING x", .starting),
      ("NOREPLICAS x", .tooFewReplicas), ("WRONGTYPE x", .other), ("ERR x", .other),
      ("ERR The user executing the script can't run this command", .missingPermission),
      ("ERR unknown command 'EVALSHA', with args beginning with: ", .missingPermission),
      ("ERR Script attempted to access a non local key in a cluster node script: x", .noPrimary),
    ])
  func storeErrors(line: String, cause: SessionStoreError.Cause) {
    let server = RedisServerError(line: line)
    let error = RedisError(code: .serverRefused, reason: line, server: server)
    #expect(SessionStoreError(error).code == .unavailable)
    #expect(SessionStoreError(error).cause == cause)
  }
}
