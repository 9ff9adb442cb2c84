/// A message of a ChatGPT export.
struct ChatGPTMessage {
  private(set) var id = ""
  private(set) var createTime: Timestamp?
  private var role: String?
  private var pieces: [ForeignPiece] = []
  private var metadata = Metadata()
  private var isUnfinished = false
  /// What the whole message is, when it is nothing that was said.
  private var omission: ImportOmission?

  /// What is known beside what was said.
  private struct Metadata {
    var model: String?
    var isHidden = false
    var isInstruction = false
    var finishReason: String?
    var attachments: [(id: String, name: String, isImage: Bool)] = []
  }

  /// Reads an object; nil for anything else.
  init?(reading reader: inout JSONReader) throws(JSONError) {
    var content = Content()
    var read: (id: String?, role: String?, time: JSONValue?, status: String?)
    read = (nil, nil, nil, nil)
    var metadata = Metadata()
    var isObject = false
    try reader.readObject { name, reader throws(JSONError) in
      isObject = true
      switch name {
      case "id": read.id = try reader.value().identifier
      case "author":
        try reader.readObject { name, reader throws(JSONError) in
          if name == "role" { read.role = try reader.readString() } else { try reader.skip() }
        }
      case "create_time": read.time = try reader.value()
      case "status": read.status = try reader.readString()
      case "content": content = try Content(reading: &reader)
      case "metadata": metadata = try Self.metadata(&reader)
      default: try reader.skip()
      }
    }
    guard isObject else { return nil }
    (id, role, createTime) = (read.id ?? "", read.role, Timestamp(importing: read.time))
    self.metadata = metadata
    isUnfinished = read.status == "in_progress"
    omission = content.omission
    if metadata.isInstruction { omission = .customInstructions }
    if omission == nil, metadata.isHidden { omission = .hidden }
    pieces = content.pieces(attachments: metadata.attachments)
  }

  private static func metadata(_ reader: inout JSONReader) throws(JSONError) -> Metadata {
    var metadata = Metadata()
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "model_slug": metadata.model = try reader.readString()
      case "is_visually_hidden_from_conversation":
        metadata.isHidden = try reader.readBool() == true
      case "is_user_system_message": metadata.isInstruction = try reader.readBool() == true
      case "finish_details":
        try reader.readObject { name, reader throws(JSONError) in
          if name == "type" {
            metadata.finishReason = try reader.readString()
          } else {
            try reader.skip()
          }
        }
      case "attachments":
        try reader.readArray { reader throws(JSONError) in
          let file = try reader.value()
          guard let name = file["name"]?.text ?? file["id"]?.text else { return }
          let mime = file["mimeType"]?.text ?? file["mime_type"]?.text ?? ""
          metadata.attachments.append(
            (file["id"]?.text ?? "", name, mime.hasPrefix("image/") || file["width"] != nil))
        }
      default: try reader.skip()
      }
    }
    return metadata
  }

  /// Whether it is a message of the conversation.
  var isSaid: Bool { said(model: nil) != nil }

  /// What of it is no text.
  var leftOut: [ImportOmission: Int] {
    let hasText = pieces.contains { if case .text(let text) = $0 { !text.isEmpty } else { true } }
    if let omission { return hasText || omission != .hidden ? [omission: 1] : [:] }
    if Role(foreign: role) == nil { return hasText ? [.unknown: 1] : [:] }
    return pieces.reduce(into: [:]) { counts, piece in
      if case .other(let kind, _) = piece { counts[kind, default: 0] += 1 }
    }
  }

  /// The message; nil when it says nothing.
  func said(model: String?) -> ForeignMessage? {
    guard omission == nil, let role = Role(foreign: role) else { return nil }
    let text = ForeignPiece.text(of: pieces)
    if text.allSatisfy(\.isWhitespace) { return nil }
    let isCut = isUnfinished || metadata.finishReason == "interrupted"
    let details = AnswerDetails(
      state: isCut ? .partial : .complete, model: metadata.model ?? model,
      finishReason: metadata.finishReason)
    return ForeignMessage(
      id: id, role: role, content: text, createdAt: createTime,
      answer: role == .assistant ? details : nil)
  }
}

extension ChatGPTMessage {
  /// The content of a message, in the shapes that it comes in.
  fileprivate struct Content {
    private var type = ""
    private var parts: [JSONValue] = []
    private var texts: [String: String] = [:]

    init() {}

    init(reading reader: inout JSONReader) throws(JSONError) {
      var read = Content()
      try reader.readObject { name, reader throws(JSONError) in
        switch name {
        case "content_type": read.type = try reader.readString() ?? ""
        case "parts":
          let value = try reader.value()
          read.parts = value.elements ?? (value == .null ? [] : [value])
        case "text", "result", "title", "url", "summary", "content":
          read.texts[name.text] = try reader.readString()
        default: try reader.skip()
        }
      }
      self = read
    }

    /// What it is, when it is nothing that was said.
    var omission: ImportOmission? {
      switch type {
      case "thoughts", "reasoning_recap": .thoughts
      case "user_editable_context", "model_editable_context": .customInstructions
      default: nil
      }
    }

    func pieces(attachments: [(id: String, name: String, isImage: Bool)]) -> [ForeignPiece] {
      var left = attachments
      var pieces: [ForeignPiece] = []
      for part in parts { Self.add(part, to: &pieces, &left) }
      if !pieces.contains(where: { if case .text(let text) = $0 { !text.isEmpty } else { true } }) {
        let names = type == "tether_quote" ? ["title", "url", "text"] : ["text", "result"]
        var found = names.compactMap { texts[$0] }.filter { !$0.isEmpty }
        if found.isEmpty { found = ["summary", "content"].compactMap { texts[$0] } }
        pieces += found.map { .text($0) }
      }
      return pieces + left.map { .other($0.isImage ? .images : .files, name: $0.name) }
    }

    private static func add(
      _ part: JSONValue, to pieces: inout [ForeignPiece],
      _ attachments: inout [(id: String, name: String, isImage: Bool)]
    ) {
      if let text = part.text { return pieces.append(.text(text)) }
      guard part.fields != nil else { return }
      let type = part["content_type"]?.text ?? part["type"]?.text ?? ""
      if let text = part["text"]?.text { pieces.append(.text(text)) }
      let frames = part["frames_asset_pointers"]?.elements ?? []
      for nested in [part["audio_asset_pointer"], part["video_container_asset_pointer"]] + frames {
        if let nested { add(nested, to: &pieces, &attachments) }
      }
      let kind: ImportOmission? =
        switch type {
        case "real_time_user_audio_video_asset_pointer": nil
        case _ where type.hasPrefix("image"): .images
        case _ where type.hasPrefix("video"): .video
        case "audio_transcription": nil
        case _ where type.hasPrefix("audio"): .audio
        case "file", "file_asset_pointer": .files
        default: part["text"]?.text == nil ? .unknown : nil
        }
      guard let kind else { return }
      let pointer = part["asset_pointer"]?.text ?? part["name"]?.text
      let id = pointer.map { String($0.split(separator: "/").last?.prefix { $0 != "#" } ?? "") }
      var name = id
      if let index = attachments.firstIndex(where: { !$0.id.isEmpty && $0.id == id }) {
        name = attachments.remove(at: index).name
      }
      pieces.append(.other(kind, name: name?.isEmpty == true ? nil : name))
    }
  }
}
