/// Reads the OTLP JSON of an export, and says why a span cannot be taken.
struct TraceReader {
  private(set) var spans: [LangfuseSpan] = []
  private(set) var reasons: [String] = []
  private(set) var spanCount = 0

  /// Nil: there is nothing wrong with the list as a list.
  mutating func read(_ json: JSONDocument) {
    for resourceSpans in list("resourceSpans", in: json) {
      let resource = attributes(of: resourceSpans["resource"]) ?? [:]
      for scopeSpans in list("scopeSpans", in: resourceSpans) {
        let scope = scopeSpans["scope"]?["name"]?.text
        for span in list("spans", in: scopeSpans) {
          spanCount += 1
          switch Self.span(span, resource: resource, scope: scope) {
          case .success(let span): spans.append(span)
          case .failure(let problem): reasons.append(problem.text)
          }
        }
      }
    }
  }

  struct Problem: Error {
    let text: String
  }

  private mutating func list(_ name: String, in json: JSONDocument) -> [JSONDocument] {
    guard let value = json[name], value != .null else { return [] }
    if let elements = value.elements { return elements }
    reasons.append("\(name):not_an_array")
    return []
  }

  private mutating func attributes(of holder: JSONDocument?) -> [String: JSONDocument]? {
    do throws(Problem) {
      return try Self.attributes(holder?["attributes"])
    } catch {
      reasons.append(error.text)
      return nil
    }
  }

  // MARK: - One span

  private static func span(
    _ json: JSONDocument, resource: [String: JSONDocument], scope: String?
  ) -> Result<LangfuseSpan, Problem> {
    do throws(Problem) {
      let start = try time("startTimeUnixNano", in: json)
      let end = try time("endTimeUnixNano", in: json)
      guard end >= start else { throw Problem(text: "endTimeUnixNano:before_start") }
      guard let name = json["name"]?.text, !name.isEmpty else { throw Problem(text: "name:absent") }
      let parent = json["parentSpanId"] ?? .null
      return .success(
        LangfuseSpan(
          traceID: try id("traceId", digitCount: 32, in: json),
          spanID: try id("spanId", digitCount: 16, in: json),
          parentSpanID: parent == .null || parent == ""
            ? nil : try id("parentSpanId", digitCount: 16, in: json),
          name: name, kind: try choice("kind", 0...5, json["kind"]), start: start, end: end,
          attributes: try attributes(json["attributes"]), resource: resource, scopeName: scope,
          statusCode: try choice("status", 0...2, json["status"]?["code"]),
          statusMessage: json["status"]?["message"]?.text))
    } catch {
      return .failure(error)
    }
  }

  /// Lower-case hexadecimal digits, not all of them zero: what the protocol asks for. The real
  /// service looks less closely, and such a span could not be found again.
  private static func id(
    _ name: String, digitCount: Int, in json: JSONDocument
  ) throws(Problem) -> String {
    guard let value = json[name], value != .null, value != "" else {
      throw Problem(text: "\(name):absent")
    }
    guard let text = value.text, text.utf8.count == digitCount,
      text.allSatisfy({ $0.isHexDigit && !$0.isUppercase }), text.contains(where: { $0 != "0" })
    else { throw Problem(text: "\(name):not_an_id") }
    return text
  }

  private static func time(_ name: String, in json: JSONDocument) throws(Problem) -> UInt64 {
    guard let value = json[name], value != .null else { throw Problem(text: "\(name):absent") }
    guard let text = value.text, let time = UInt64(text), text.first != "+" else {
      throw Problem(text: "\(name):not_a_decimal_string")
    }
    return time
  }

  private static func choice(
    _ name: String, _ range: ClosedRange<Int64>, _ value: JSONDocument?
  ) throws(Problem) -> Int {
    guard let value, value != .null else { return 0 }
    guard let number = value.wholeNumber, range.contains(number) else {
      throw Problem(text: "\(name):not_an_enum_value")
    }
    return Int(number)
  }

  // MARK: - Attributes

  private static func attributes(_ json: JSONDocument?) throws(Problem) -> [String: JSONDocument] {
    guard let json, json != .null else { return [:] }
    guard let list = json.elements else { throw Problem(text: "attributes:not_an_array") }
    var attributes: [String: JSONDocument] = [:]
    for attribute in list {
      guard let key = attribute["key"]?.text, !key.isEmpty else {
        throw Problem(text: "attributes:key_absent")
      }
      guard let value = attribute["value"] else { throw Problem(text: "attributes:value_absent") }
      guard attributes.updateValue(try plain(value), forKey: key) == nil else {
        throw Problem(text: "attributes:duplicate_key")
      }
    }
    return attributes
  }

  private static func plain(_ value: JSONDocument) throws(Problem) -> JSONDocument {
    guard let members = value.members, members.count <= 1 else {
      throw Problem(text: "attributes:not_a_value")
    }
    guard let member = members.first else { return .null }
    switch (member.name, member.value) {
    case ("stringValue", .string), ("boolValue", .bool), ("bytesValue", .string):
      return member.value
    case ("doubleValue", let value) where value.decimal != nil: return value
    case ("intValue", .string(let text)):
      guard let number = Int64(text) else { break }
      return .integer(number)
    case ("arrayValue", let value):
      var items: [JSONDocument] = []
      for item in value["values"]?.elements ?? [] { items.append(try plain(item)) }
      return .array(items)
    case ("kvlistValue", let value):
      let items = try attributes(value["values"])
      return .object(items.sorted { $0.key < $1.key }.map { JSONMember($0.key, $0.value) })
    default: break
    }
    throw Problem(text: "attributes:not_a_value")
  }
}
