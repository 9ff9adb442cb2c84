/// What the service refuses in a schema whose fields are all known.
enum SchemaRules {
  /// Every complaint, with its place.
  static func complaints(about schema: JSONDocument, at path: String) -> [String] {
    var complaints: [String] = []
    let type = schema["type"]?.text ?? ""
    if schema["enum"] != nil, type != "STRING" {
      complaints.append("\(path).enum: only allowed for STRING type")
    }
    if type == "STRING", let format = schema["format"]?.text,
      !["enum", "date-time"].contains(format)
    {
      complaints.append(
        "\(path).format: only 'enum' and 'date-time' are supported for STRING type")
    }
    for property in schema["properties"]?.members ?? [] {
      complaints += Self.complaints(
        about: property.value, at: "\(path).properties[\(property.name)]")
    }
    if let items = schema["items"] {
      complaints += Self.complaints(about: items, at: path + ".items")
    }
    for (index, alternative) in (schema["anyOf"]?.elements ?? []).enumerated() {
      complaints += Self.complaints(about: alternative, at: "\(path).any_of[\(index)]")
    }
    return complaints
  }
}
