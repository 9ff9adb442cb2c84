import SessionCore

/// What the body of a refusal says, in whatever form. Services agree on little: the error is an
/// object, a text, a list of either, the whole document, the text of another document, or an event.
struct RefusalDocument: Sendable {
  /// An HTTP status that stands in it.
  private(set) var status: Int?
  /// The service's own names for it, small letters, the most general ones behind the others.
  private(set) var names: [String] = []
  /// Names as they are written, for people.
  private(set) var writtenNames: [String] = []
  private(set) var messages: [String] = []
  /// The fields of the request that it names.
  private(set) var fields: [String] = []
  /// Google's names for quotas that are used up, and their sizes.
  private(set) var quotaIDs: [String] = []
  private(set) var quotaValues: [String] = []
  private(set) var retryDelay: Duration?
  /// The tokens that the model takes, and those of the request, where they are told as numbers.
  private(set) var overflow = Overflow()
  /// Whether it is a page for people: what answers there is no service.
  private(set) var isPage = false

  private static let depthMax = 6

  init() {}

  init(_ document: JSONValue) { read(document, depth: 0) }

  /// Reads a body, which may hold anything.
  init(body: [UInt8]) {
    guard !body.isEmpty else { return }
    var documents: [JSONValue] = []
    var words: [String] = []
    var parser = ServerSentEventParser()
    let take = { (item: ServerSentEventParser.Item) in
      switch item {
      case .data(let bytes), .bareJSON(let bytes), .error(let bytes):
        if let document = try? JSONValue(parsing: bytes) {
          documents.append(document)
        } else {
          words.append(String(decoding: bytes.prefix(300), as: UTF8.self))
        }
      }
    }
    if let document = try? JSONValue(parsing: body) {
      documents = [document]
    } else {
      try? parser.feed(body[...], take)
      try? parser.finish(take)
    }
    for document in documents { read(document, depth: 0) }
    guard messages.isEmpty, names.isEmpty else { return }
    messages = words.isEmpty ? Self.plainWords(body).map { [$0] } ?? [] : words
    isPage = words.isEmpty && documents.isEmpty
  }

  /// Reads what a stream says in place of more: a document, or mere words, which are no page.
  init(words: [UInt8]) {
    self.init(body: words)
    isPage = false
  }

  /// The title of a page, or the beginning of a text.
  private static func plainWords(_ body: [UInt8]) -> String? {
    let text = String(decoding: body.prefix(4096), as: UTF8.self)
    guard let start = text.firstRange(of: "<title>"),
      let end = text[start.upperBound...].firstRange(of: "</title>")
    else { return text.first == "<" ? nil : String(text.prefix(300)) }
    return String(text[start.upperBound..<end.lowerBound])
  }

  private mutating func read(_ value: JSONValue, depth: Int) {
    guard depth < Self.depthMax else { return }
    switch value {
    case .array(let elements): for element in elements { read(element, depth: depth + 1) }
    case .object(let fields): read(fields, depth: depth)
    case .string(let text): readText(text, depth: depth)
    default: break
    }
  }

  /// A text is the words themselves, or another document.
  private mutating func readText(_ text: String, depth: Int) {
    let first = text.utf8.first { $0 > 0x20 }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "["),
      let document = try? JSONValue(parsing: Array(text.utf8))
    {
      read(document, depth: depth + 1)
    } else if first != nil, !messages.contains(text) {
      messages.append(text)
    }
  }

  private mutating func read(_ object: [String: JSONValue], depth: Int) {
    for key in ["status", "code", "type", "reason"] { readName(object[key]) }
    if let field = object["param"]?.text ?? object["field"]?.text { fields.append(field) }
    if let place = object["loc"]?.elements?.compactMap(\.text), !place.isEmpty {
      fields.append(place.drop { $0 == "body" }.joined(separator: "."))
    }
    for key in ["error", "message", "msg", "description", "detail", "errors", "fieldViolations"] {
      if let value = object[key] { read(value, depth: depth + 1) }
    }
    readQuota(object)
    if let value = object["details"] { read(value, depth: depth + 1) }
    // The words of the service behind a router.
    if let raw = object["metadata"]?["raw"] { read(raw, depth: depth + 1) }
    if let limit = object["n_ctx"]?.wholeNumber { overflow.tokenCountMax = limit }
    if let count = object["n_prompt_tokens"]?.wholeNumber { overflow.tokenCount = count }
  }

  private mutating func readName(_ value: JSONValue?) {
    if let number = value?.wholeNumber, (400...599).contains(number) {
      status = status ?? number
    } else if let name = value?.text ?? value?.wholeNumber.map(String.init), !name.isEmpty {
      writtenNames.append(name)
      names.append(name.lowercased())
    }
  }

  private mutating func readQuota(_ object: [String: JSONValue]) {
    for violation in object["violations"]?.elements ?? [] {
      if let id = violation["quotaId"]?.text { quotaIDs.append(id) }
      if let value = violation["quotaValue"] { append(quotaValue: value) }
    }
    if let id = object["metadata"]?["quota_limit"]?.text { quotaIDs.append(id) }
    if let value = object["metadata"]?["quota_limit_value"] { append(quotaValue: value) }
    if retryDelay == nil {
      retryDelay = object["retryDelay"]?.text.flatMap { RetryDelay($0) }?.duration
    }
  }

  private mutating func append(quotaValue value: JSONValue) {
    if let value = value.text ?? value.wholeNumber.map(String.init) { quotaValues.append(value) }
  }
}
