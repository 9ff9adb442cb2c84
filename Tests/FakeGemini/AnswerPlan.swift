/// How an answer with status 200 departs from the plain one.
struct AnswerPlan: Sendable, Hashable {
  /// What comes between two chunks of text.
  enum Middle: Sendable, Hashable {
    case hold
    case end
    case cut
    case reset(byteCount: Int?)
    case error(Scenario.ErrorForm, Refusal)
    case finish(String)
    case malformedCall
  }

  enum Extra: Sendable, Hashable {
    case usageOnly
    case emptyContents
    case thought
  }

  /// How the lines of the event stream look.
  struct Style: Sendable, Hashable {
    var lineEnd = "\r\n"
    var field = "data: "
    var endsLastEvent = true
    var hasByteOrderMark = false
    var hasComments = false
    var isMultiline = false
  }

  var middle: Middle?
  var chunkCountBefore = 1
  var holdsBeforeHead = false
  var holdDuration: Duration?
  var extra: Extra?
  var isMultipart = false
  var isSigned = false
  var stopsEverywhere = false
  var finishReason = "STOP"
  var modelVersion: String?
  var blockReason: String?
  var isAllThinking = false
  var callCount = 0
  /// After so many rounds of calls the answer is text.
  var roundCount = 1
  var splitting = BodySplitting.asWritten
  var style = Style()
}
