import FakeGemini
import LLMKit
import SessionCore
import TestSupport
import Testing

@Suite("The schemas of tools, as Gemini is told of them")
struct ToolSchemaTests {
  typealias Value = SessionCore.JSONValue

  private func configuration(
    _ parameters: Value?, name: String = "lookup", baseURL: String = GeminiBench.addressOfNobody
  ) throws -> GeminiConfiguration {
    var configuration = try GeminiBench.configuration(baseURL)
    try configuration.declare([
      Tool(name: name, description: "", parameters: parameters) { _ in nil }
    ])
    return configuration
  }

  static let carried: [(Value, Value)] = [
    (
      ["oneOf": [["type": "string"], ["type": "integer"]]],
      ["anyOf": [["type": "STRING"], ["type": "INTEGER"]]]
    ),
    (
      ["anyOf": [["type": "string"], ["type": "null"]]],
      ["anyOf": [["type": "STRING"]], "nullable": true]
    ),
    (["type": ["string", "null"]], ["type": "STRING", "nullable": true]),
    (["type": ["string", "integer"]], ["anyOf": [["type": "STRING"], ["type": "INTEGER"]]]),
    (["$ref": "#/$defs/City"], ["type": "STRING", "description": "of Senegal"]),
    (
      ["$ref": "#/$defs/City", "description": "where"], ["type": "STRING", "description": "where"]
    ),
    (
      ["allOf": [["$ref": "#/$defs/City"]], "description": "where"],
      ["type": "STRING", "description": "where"]
    ),
    (
      ["$ref": "#/$defs/a~1b~0c"],
      ["type": "ARRAY", "items": ["type": "STRING", "description": "of Senegal"]]
    ),
    (["const": "x"], ["type": "STRING", "enum": ["x"]]),
    (["enum": ["a", "b", nil]], ["type": "STRING", "enum": ["a", "b"], "nullable": true]),
    (
      ["type": "integer", "enum": [1, 2], "description": "How many."],
      ["type": "INTEGER", "description": "How many. One of: 1, 2."]
    ),
    (["type": "string", "format": "email"], ["type": "STRING", "description": "Format: email."]),
    (["type": "string", "format": "date-time"], ["type": "STRING", "format": "date-time"]),
    (
      ["type": "integer", "exclusiveMinimum": 0],
      ["type": "INTEGER", "description": "exclusiveMinimum: 0."]
    ),
    (
      ["type": "object", "additionalProperties": ["type": "string"]],
      ["type": "OBJECT", "description": #"additionalProperties: {"type":"string"}."#]
    ),
    (
      [
        "type": "object", "propertyNames": ["maxLength": 2],
        "dependentRequired": ["a": ["b"]],
      ],
      [
        "type": "OBJECT",
        "description": #"propertyNames: {"maxLength":2}. dependentRequired: {"a":["b"]}."#,
      ]
    ),
    (["const": nil], ["type": "NULL"]),
    (["type": ["string", "null"], "enum": [nil]], ["type": "NULL"]),
    (["type": "object", "additionalProperties": false, "$comment": "x"], ["type": "OBJECT"]),
    (true, [:]),
  ]

  @Test("What the dialect can say arrives in its words, and the service takes it")
  func carried() async throws {
    for (schema, expected) in Self.carried {
      let fake = try await FakeGemini()
      let parameters: Value = [
        "type": "object", "properties": ["p": schema],
        "$defs": [
          "City": ["type": "string", "description": "of Senegal"],
          "a/b~c": ["type": "array", "items": ["$ref": "#/$defs/City"]],
        ],
      ]
      let responder = GeminiResponder(
        model: "gemini-2.5-flash",
        configuration: try configuration(parameters, baseURL: fake.baseURL))
      #expect(await GeminiBench.run(responder).result.code == nil, "\(schema)")
      let body = try Value(parsing: #require(fake.journal.first).request.body)
      let function = body["tools"]?.elements?[0]["functionDeclarations"]?.elements?[0]
      #expect(
        function?["parameters"] == ["type": "OBJECT", "properties": ["p": expected]], "\(schema)")
      await fake.close()
    }
  }

  @Test(
    "What would be lost is refused when the tool is declared, with its place",
    arguments: [
      (["allOf": [["type": "string"], ["minLength": 1]]], "allOf"), (["not": [:]], "'not'"),
      (["if": [:], "then": [:]], "'if'"), (["patternProperties": [:]], "'patternProperties'"),
      (["dependencies": ["a": ["b"]]], "'dependencies'"),
      (["additionalProperties": ["$ref": "#/$defs/City"]], "'$ref' in 'additionalProperties'"),
      (
        ["additionalProperties": ["anyOf": [["type": "null"], ["$ref": "#/$defs/City"]]]],
        "'$ref' in 'additionalProperties'"
      ), (["prefixItems": []], "'prefixItems'"), (["$ref": "https://example.org/x"], "outside"),
      (["$ref": "#/$defs/missing"], "not there"), (["$ref": "#/$defs/Tree"], "contains itself"),
      (["$ref": "#/$defs/City", "type": "integer"], "'type' twice"), (false, "no schema"),
      (["type": "array", "items": [["type": "string"]]], "no schema"),
      (["oneOf": [], "anyOf": []], "both"),
      (["type": ["array", "string"], "items": ["type": "string"]], "several types"),
    ] as [(Value, String)])
  func refused(schema: Value, problem: String) throws {
    let parameters: Value = [
      "type": "object", "properties": ["place": ["type": "object", "properties": ["p": schema]]],
      "$defs": [
        "City": ["type": "string"],
        "Tree": ["type": "object", "properties": ["child": ["$ref": "#/$defs/Tree"]]],
      ],
    ]
    let error = try #require(throws: LLMConfigurationError.self) {
      try configuration(parameters)
    }
    #expect(error.reason.contains(problem), "\(error.reason)")
    #expect(error.reason.contains("'place/p"))
    #expect(error.reason.contains("'lookup'"))
  }

  @Test(
    "A name that is none, and two tools of one name, are refused",
    arguments: ["", "é", "1a", "a b"])
  func names(name: String) throws {
    #expect(throws: LLMConfigurationError.self) { try configuration(nil, name: name) }
    var one = try configuration(nil)
    #expect(throws: LLMConfigurationError.self) {
      try one.declare([one.tools[0], one.tools[0]])
    }
    #expect(one.tools.count == 1, "what was declared before stays")
  }
}
