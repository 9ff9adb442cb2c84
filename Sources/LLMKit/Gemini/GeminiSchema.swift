import SessionCore

/// Puts the JSON Schema of a tool in the service's dialect.
///
/// What the dialect can say is translated: `$ref` within the schema, `oneOf`, `const`, lists of
/// types. What narrows a value in a way that it cannot say is told in the description. What would
/// change the shape of the values is refused.
struct GeminiSchema {
  private let tool: String
  private let root: JSONValue

  /// The declaration of a tool.
  ///
  /// - Throws: When its name or its schema cannot be declared to the service.
  static func declaration(of tool: Tool) throws(LLMConfigurationError) -> JSONValue {
    guard isName(tool.name) else {
      throw LLMConfigurationError(
        reason: "a tool cannot be named '\(tool.name)': letters, digits and underscores only, "
          + "no digit first, 64 at most")
    }
    var declaration: [String: JSONValue] = [
      "name": .string(tool.name), "description": .string(tool.description),
    ]
    if let parameters = tool.parameters {
      let schema = GeminiSchema(tool: tool.name, root: parameters)
      declaration["parameters"] = try schema.translated(parameters, path: "", following: [])
    }
    return .object(declaration)
  }

  private static func isName(_ name: String) -> Bool {
    let isPlain = name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") }
    return isPlain && !name.isEmpty && name.count <= 64 && name.first?.isNumber == false
  }

  /// What goes over as it is.
  private static let plainFields: Set<String> = [
    "title", "description", "nullable", "maxItems", "minItems", "required", "minProperties",
    "maxProperties", "minLength", "maxLength", "pattern", "example", "propertyOrdering", "default",
    "minimum", "maximum",
  ]

  /// What is told in words.
  private static let toldFields = [
    "additionalProperties", "exclusiveMinimum", "exclusiveMaximum", "multipleOf", "uniqueItems",
    "propertyNames", "dependentRequired",
  ]

  /// What changes the shape of the values and has no place in the dialect.
  private static let refusedFields: Set<String> = [
    "$dynamicRef", "$recursiveRef", "not", "if", "then", "else", "dependentSchemas",
    "dependencies", "patternProperties", "prefixItems", "contains", "unevaluatedProperties",
    "unevaluatedItems",
  ]

  /// - Parameters:
  ///   - path: Where in the tool's schema this one stands, for errors.
  ///   - references: What was followed to come here.
  private func translated(
    _ schema: JSONValue, path: String, following references: Set<String>
  ) throws(LLMConfigurationError) -> JSONValue {
    // One that allows everything.
    if schema == true { return [:] }
    guard var fields = schema.fields else { throw refusal(path, "is no schema") }
    var references = references
    while let pointer = fields["$ref"] {
      fields["$ref"] = nil
      fields = try merged(target(of: pointer, path, &references), fields, path)
    }
    if let all = fields["allOf"] {
      // Generators wrap a reference in it, to say more beside it.
      guard all.elements?.count == 1, let only = all.elements?.first?.fields else {
        throw refusal(path, "combines schemas with allOf")
      }
      fields["allOf"] = nil
      return try translated(
        .object(merged(only, fields, path)), path: path, following: references)
    }
    if let name = fields.keys.sorted().first(where: Self.refusedFields.contains) {
      throw refusal(path, "uses '\(name)'")
    }
    var result = fields.filter { Self.plainFields.contains($0.key) }
    var notes: [String] = []
    try addAlternatives(of: fields, to: &result, path, references)
    addValues(of: fields, to: &result, &notes)
    addFormat(of: fields, to: &result, &notes)
    if let items = fields["items"] {
      result["items"] = try translated(items, path: path + "/items", following: references)
    }
    if let properties = fields["properties"]?.fields {
      var translatedProperties: [String: JSONValue] = [:]
      for (name, property) in properties {
        translatedProperties[name] = try translated(
          property, path: path + "/" + name, following: references)
      }
      result["properties"] = .object(translatedProperties)
    }
    for name in Self.toldFields {
      // Whether there may be more properties changes nothing of those that are declared.
      guard let value = fields[name], value != false,
        name != "additionalProperties" || value != true
      else { continue }
      if refers(value) { throw refusal(path, "uses '$ref' in '\(name)'") }
      notes.append("\(name): \(value.jsonText).")
    }
    if !notes.isEmpty {
      let text = ([result["description"]?.text].compactMap { $0 } + notes).joined(separator: " ")
      result["description"] = .string(text)
    }
    return .object(result)
  }

  /// `type`, `anyOf` and `oneOf`: the service's own word is `anyOf`, which for who has to choose
  /// one means the same as `oneOf`.
  private func addAlternatives(
    of fields: [String: JSONValue], to result: inout [String: JSONValue], _ path: String,
    _ references: Set<String>
  ) throws(LLMConfigurationError) {
    let types = (fields["type"]?.elements ?? [fields["type"]].compactMap { $0 })
      .compactMap { $0.text?.uppercased() }
    var alternatives = fields["anyOf"]?.elements
    if let one = fields["oneOf"]?.elements {
      guard alternatives == nil else { throw refusal(path, "has both anyOf and oneOf") }
      alternatives = one
    }
    let nonNull = types.filter { $0 != "NULL" }
    if types.contains("NULL"), !nonNull.isEmpty { result["nullable"] = true }
    if let type = nonNull.first ?? types.first, nonNull.count < 2 {
      result["type"] = .string(type)
    } else if nonNull.count > 1 {
      guard alternatives == nil else { throw refusal(path, "has several types and alternatives") }
      let items = fields["items"]
      guard items == nil, fields["properties"] == nil else {
        throw refusal(path, "has several types, one of which has parts")
      }
      result["anyOf"] = .array(nonNull.map { ["type": .string($0)] })
    }
    guard let alternatives else { return }
    var translatedAlternatives: [JSONValue] = []
    for (index, alternative) in alternatives.enumerated() {
      if alternative["type"] == "null", alternatives.count > 1 {
        result["nullable"] = true
      } else {
        translatedAlternatives.append(
          try translated(alternative, path: path + "/\(index)", following: references))
      }
    }
    result["anyOf"] = .array(translatedAlternatives)
  }

  /// Whether there is a reference in a value, which means nothing outside of the schema.
  private func refers(_ value: JSONValue) -> Bool {
    value["$ref"] != nil || value.elements?.contains(where: refers) == true
      || value.fields?.values.contains(where: refers) == true
  }

  /// `enum` and `const`: the service takes texts only, so other values are told in words.
  private func addValues(
    of fields: [String: JSONValue], to result: inout [String: JSONValue], _ notes: inout [String]
  ) {
    guard let values = fields["enum"]?.elements ?? fields["const"].map({ [$0] }) else { return }
    let texts = values.filter { $0 != .null }
    if texts.isEmpty, !values.isEmpty {
      result["type"] = "NULL"
      result["nullable"] = nil
      result["anyOf"] = nil
      return
    }
    if texts.count < values.count { result["nullable"] = true }
    let isText = result["type"] == nil || result["type"] == "STRING"
    if isText, texts.allSatisfy({ $0.text != nil }) {
      result["type"] = "STRING"
      result["enum"] = .array(texts)
    } else {
      notes.append("One of: " + texts.map(\.jsonText).joined(separator: ", ") + ".")
    }
  }

  /// Of a text the service takes two formats only.
  private func addFormat(
    of fields: [String: JSONValue], to result: inout [String: JSONValue], _ notes: inout [String]
  ) {
    guard let format = fields["format"]?.text else { return }
    if result["type"] == "STRING", format != "date-time", format != "enum" {
      notes.append("Format: \(format).")
    } else {
      result["format"] = .string(format)
    }
  }

  /// What `$ref` stands for.
  private func target(
    of pointer: JSONValue, _ path: String, _ references: inout Set<String>
  ) throws(LLMConfigurationError) -> [String: JSONValue] {
    guard let text = pointer.text, text.hasPrefix("#/") else {
      throw refusal(path, "refers to something outside of it")
    }
    guard references.insert(text).inserted else { throw refusal(path, "contains itself") }
    var place: JSONValue? = root
    for part in text.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
      let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
      place = place?[String(name)]
    }
    guard let fields = place?.fields else { throw refusal(path, "refers to '\(text)', not there") }
    return fields
  }

  /// A schema with what stands beside the reference to it: annotations, or what it leaves open.
  private func merged(
    _ schema: [String: JSONValue], _ beside: [String: JSONValue], _ path: String
  ) throws(LLMConfigurationError) -> [String: JSONValue] {
    let annotations = ["title", "description", "default", "example", "examples"]
    for (name, value) in beside where !annotations.contains(name) {
      if let other = schema[name], other != value { throw refusal(path, "says '\(name)' twice") }
    }
    return schema.merging(beside) { $1 }
  }

  private func refusal(_ path: String, _ problem: String) -> LLMConfigurationError {
    let place = path.isEmpty ? "the schema" : "'\(path.dropFirst())' in the schema"
    return LLMConfigurationError(
      reason: "\(place) of the tool '\(tool)' \(problem), which Gemini cannot be told")
  }
}
