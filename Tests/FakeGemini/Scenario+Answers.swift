extension Scenario {
  /// Chunks of text with growing usage; the last chunk has empty text and `STOP`.
  public static let ok = Scenario("ok") { _ in }
  /// `STOP` in every chunk, as older models send it.
  public static let okStopEverywhere = Scenario("ok-stop-everywhere") { $0.stopsEverywhere = true }
  /// A chunk without candidates in the middle.
  public static let okUsageOnlyChunk = Scenario("ok-usage-only-chunk") { $0.extra = .usageOnly }
  /// Chunks whose candidate has no content, an empty one, or one without parts.
  public static let okEmptyContent = Scenario("ok-empty-content") { $0.extra = .emptyContents }
  /// A thought first, then the text.
  public static let okThoughts = Scenario("ok-thoughts") { $0.extra = .thought }
  /// Two parts of text in one candidate.
  public static let okMultipart = Scenario("ok-multipart") { $0.isMultipart = true }
  /// The last chunk carries a thought signature beside its empty text.
  public static let okSignature = Scenario("ok-signature") { $0.isSigned = true }
  /// Another model answers than was asked, without an error.
  public static let rerouted = Scenario("rerouted") { $0.modelVersion = "gemini-3.5-flash-lite" }

  /// Silence before the first byte of the answer, its head included.
  public static let slowFirstByte = Scenario("slow-first-byte") { $0.holdsBeforeHead = true }
  /// Silence between two chunks.
  public static let stall = Scenario("stall") { $0.middle = .hold }

  /// Bytes cut inside characters and between CR and LF.
  public static let splitUTF8 = Scenario("split-utf8") { $0.splitting = .awkward }
  /// Lines end with LF.
  public static let lfOnly = Scenario("lf-only") { $0.style.lineEnd = "\n" }
  /// Lines end with CR.
  public static let crOnly = Scenario("cr-only") { $0.style.lineEnd = "\r" }
  /// `data:` without the space.
  public static let noSpace = Scenario("no-space") { $0.style.field = "data:" }
  /// The body ends right after the last event's line.
  public static let noLastBlankLine = Scenario("no-last-blank-line") {
    $0.style.endsLastEvent = false
  }
  /// A byte order mark at the beginning.
  public static let byteOrderMark = Scenario("bom") { $0.style.hasByteOrderMark = true }
  /// Comments between the events.
  public static let comments = Scenario("comments") { $0.style.hasComments = true }
  /// One event's JSON on several `data:` lines.
  public static let multilineData = Scenario("multiline-data") { $0.style.isMultiline = true }

  /// The body ends in good order, with no finish reason.
  public static let cut = Scenario("cut") { $0.middle = .end }
  /// The connection ends within the body, which never says that it is over.
  public static let cutUnclean = Scenario("cut-unclean") { $0.middle = .cut }
  /// The connection is reset within the body.
  public static let reset = Scenario("reset") { $0.middle = .reset(byteCount: nil) }
  /// The connection is reset after this many bytes of the body.
  public static func reset(afterByteCount byteCount: Int) -> Scenario {
    Scenario("reset") { $0.middle = .reset(byteCount: byteCount) }
  }

  /// How an error stands in the body of a stream that has begun.
  public enum ErrorForm: String, Sendable, Hashable, CaseIterable {
    /// The bare, pretty-printed object.
    case bare
    /// The object on a `data:` line.
    case dataLine
    /// The object in an array, pretty-printed.
    case array
  }

  /// An error as a bare object after some text; the status is still 200.
  public static let errorMidStream = errorMidStream(.bare)
  /// The same on a `data:` line.
  public static let errorMidStreamDataLine = errorMidStream(.dataLine)
  /// The same in an array.
  public static let errorMidStreamArray = errorMidStream(.array)
  /// An error after some text; which error is the refusal of `scenario`, or else `CANCELLED`.
  public static func errorMidStream(_ form: ErrorForm, as scenario: Scenario? = nil) -> Scenario {
    let suffix =
      switch form {
      case .bare: ""
      case .dataLine: "-data-line"
      case .array: "-array"
      }
    var refusal = Refusal(.cancelled)
    if case .refuse(let given) = scenario?.behaviour { refusal = given }
    return Scenario("error-mid-stream" + suffix) { $0.middle = .error(form, refusal) }
  }

  /// 200 with a block reason and no candidates.
  public static let blockedPrompt = blockedPrompt(reason: "PROHIBITED_CONTENT")
  /// 200 with this block reason and no candidates.
  public static func blockedPrompt(reason: String) -> Scenario {
    Scenario(reason == "PROHIBITED_CONTENT" ? "blocked-prompt" : "blocked-\(reason)") {
      $0.blockReason = reason
    }
  }

  /// Some text, then `SAFETY` with no content.
  public static let safetyMid = Scenario("safety-mid") { $0.middle = .finish("SAFETY") }
  /// Some text, then this finish reason with no content.
  public static func finish(_ reason: String) -> Scenario {
    Scenario("finish-\(reason)") { $0.middle = .finish(reason) }
  }
  /// This finish reason and not a word of text.
  public static func finishEmpty(_ reason: String) -> Scenario {
    Scenario("finish-\(reason)") {
      $0.middle = .finish(reason)
      $0.chunkCountBefore = 0
    }
  }
  /// `MAX_TOKENS` without a part: thinking used all that was allowed.
  public static let maxTokensEmpty = Scenario("max-tokens-empty") { $0.isAllThinking = true }
  /// The last chunk is `MALFORMED_FUNCTION_CALL` and counts fewer tokens than the one before.
  public static let malformedCall = Scenario("malformed-call") { $0.middle = .malformedCall }
  /// A whole answer that ends with a finish reason nobody knows.
  public static let unknownEnum = Scenario("unknown-enum") { $0.finishReason = "SOMETHING_NEW" }
  /// A call of the first function that was declared, unless it was answered since the user last
  /// spoke.
  public static let functionCall = Scenario("function-call") { $0.callCount = 1 }
  /// Two calls in one turn.
  public static let parallelCalls = Scenario("parallel-calls") { $0.callCount = 2 }

  static let answers: [Scenario] = [
    .ok, .okStopEverywhere, .okUsageOnlyChunk, .okEmptyContent, .okThoughts, .okMultipart,
    .okSignature, .rerouted, .slowFirstByte, .stall, .splitUTF8, .lfOnly, .crOnly, .noSpace,
    .noLastBlankLine, .byteOrderMark, .comments, .multilineData, .cut, .cutUnclean, .reset,
    .errorMidStream, .errorMidStreamDataLine, .errorMidStreamArray, .blockedPrompt, .safetyMid,
    .maxTokensEmpty, .malformedCall, .unknownEnum, .functionCall, .parallelCalls,
  ]

  /// Every scenario that has a fixed name.
  public static let all = answers + refusals
}
