import LLMKit
import SessionCore
import Testing

@Suite("What a chain does next")
struct FallbackPlanTests {
  static let now = Timestamp(milliseconds: 1_795_390_000_000)

  private func step(
    _ code: ResponderError.Code, status: Int? = nil, retryIn: Duration? = nil, failure: Int = 1,
    same: Int? = nil, budget: Duration = .seconds(2), other: Bool = false, randomness: Double = 0
  ) -> FallbackPlan.Step {
    FallbackPlan.step(
      after: ResponderError(
        code: code, reason: "", httpStatus: status, retryAt: retryIn.map { Self.now + $0 }),
      FallbackPlan.Facts(
        now: Self.now, failureCount: failure, sameStatusCount: same ?? failure, budgetLeft: budget,
        isAnotherModelOpen: other, randomness: randomness))
  }

  @Test("R2 While another model can be asked nobody waits, whatever was refused")
  func noWaiting() {
    for code in [
      ResponderError.Code.quotaExhausted, .overloaded, .cut, .timedOut, .modelUnavailable,
    ] {
      for delay in [nil, Duration.milliseconds(1), .seconds(1), .seconds(60)] {
        #expect(step(code, status: 429, retryIn: delay, other: true) == .next)
      }
    }
  }

  @Test("A model that will answer within the budget is waited for, exactly, plus a tenth at most")
  func waits() {
    #expect(step(.quotaExhausted, retryIn: .seconds(1)) == .retry(after: .seconds(1)))
    #expect(
      step(.quotaExhausted, retryIn: .seconds(1), randomness: 1)
        == .retry(after: .milliseconds(1100)))
    #expect(
      step(.quotaExhausted, retryIn: .seconds(2), randomness: 1) == .retry(after: .seconds(2)))
    #expect(step(.quotaExhausted, retryIn: .milliseconds(2001)) == .next)
    #expect(step(.quotaExhausted, retryIn: .seconds(1), budget: .milliseconds(999)) == .next)
    #expect(step(.quotaExhausted, retryIn: .zero, other: true) == .retry(after: .zero))
    #expect(step(.overloaded, retryIn: .seconds(1)) == .retry(after: .seconds(1)))
  }

  @Test("Without a delay the wait doubles and is spread by 30 %, within the budget")
  func backsOff() {
    for code in [ResponderError.Code.quotaExhausted, .overloaded, .cut] {
      #expect(step(code) == .retry(after: .milliseconds(700)))
      #expect(step(code, randomness: 1) == .retry(after: .milliseconds(1300)))
      #expect(step(code, failure: 2) == .retry(after: .milliseconds(1400)))
      #expect(step(code, failure: 3, budget: .seconds(60)) == .retry(after: .milliseconds(2800)))
      #expect(step(code, failure: 3) == .next)
      #expect(step(code, failure: 4, budget: .seconds(60)) == .next)
    }
  }

  @Test("R6 What another model of the service would refuse too leaves out the service")
  func leavesOutService() {
    for code in [ResponderError.Code.credentials, .serviceRefused, .unreachable] {
      #expect(step(code) == .nextService)
      #expect(step(code, other: true) == .nextService)
    }
  }

  @Test("R6 What is about one model, its size, its limits or its filter moves on to the next model")
  func movesOn() {
    for code in [
      ResponderError.Code.modelUnavailable, .invalidRequest, .blocked, .tooLong, .quotaExhausted,
    ] {
      #expect(step(code, other: true) == .next)
    }
    #expect(step(.tooLong) == .shorten, "nobody else can take the whole of it")
    #expect(step(.tooLong, failure: 2) == .next)
  }

  @Test(
    "A useless answer is asked for once more at once, a deadline of the service after a wait and then with less"
  )
  func onceMore() {
    #expect(step(.malformedResponse, other: true) == .retry(after: .zero))
    #expect(step(.malformedResponse, failure: 2) == .next)
    #expect(step(.timedOut, status: 504) == .retry(after: .milliseconds(700)))
    #expect(step(.timedOut, status: 504, failure: 2) == .shorten)
    #expect(step(.timedOut, status: 504, failure: 2, other: true) == .shorten)
    #expect(step(.timedOut, status: 504, failure: 3) == .next)
    #expect(step(.timedOut, status: 408, failure: 2) == .next)
    #expect(step(.timedOut) == .next, "our own deadline has been waited for already")
    #expect(step(.modelUnavailable) == .next)
  }

  @Test("What a tool gave is never split from its call to shorten a conversation")
  func keepsToolResults() {
    var prompt = GeminiBench.prompt("a", "b", "c", "d", "e")
    #expect(prompt.withHalfTheHistory?.messages.last?.content == "e")
    let call = ToolCall(id: "1", name: "lookup", arguments: "{}")
    prompt.messages.append(
      Message(
        id: .generate(), role: .assistant, content: "", createdAt: Self.now, toolCalls: [call]))
    prompt.messages.append(
      Message(
        id: .generate(), role: .tool, content: "1", createdAt: Self.now, resultOf: call))
    #expect(prompt.withHalfTheHistory == nil)
    #expect(prompt.shortened(by: Overflow(tokenCountMax: 1)).prompt.messages == prompt.messages)
  }

  @Test("Deadlines of the service are counted by themselves, whatever else failed before")
  func countsDeadlines() {
    #expect(step(.timedOut, status: 504, failure: 2, same: 1) == .retry(after: .milliseconds(1400)))
    #expect(step(.timedOut, status: 408, failure: 2, same: 1) == .retry(after: .milliseconds(1400)))
    #expect(step(.timedOut, status: 504, failure: 3, same: 2) == .shorten)
    #expect(step(.timedOut, status: 504, failure: 4, same: 2) == .next, "four attempts at most")
  }
}
