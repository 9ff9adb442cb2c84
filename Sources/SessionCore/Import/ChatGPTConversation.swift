#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A conversation of the `conversations.json` of a ChatGPT export: a tree of nodes, of which the
/// branch that was shown last is taken.
struct ChatGPTConversation {
  /// A place in the tree.
  struct Node {
    var parent: String?
    var children: [String] = []
    var message: ChatGPTMessage?
  }

  private(set) var id: String?
  private(set) var title: String?
  private var createTime: Timestamp?
  private var updateTime: Timestamp?
  private var currentNode: String?
  private var model: String?
  private var nodes: [String: Node] = [:]
  /// The names of the nodes, as they come.
  private var names: [String] = []

  /// Reads an object, whatever of it is missing or of another kind.
  init(reading reader: inout JSONReader) throws(JSONError) {
    var otherID: String?
    var created: JSONValue?
    var updated: JSONValue?
    // Closures that throw a type of their own cannot capture `self` in an initialiser.
    var read = (title: String?.none, current: String?.none, model: String?.none, id: String?.none)
    var tree: [(String, Node)] = []
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "conversation_id": read.id = try reader.value().identifier
      case "id": otherID = try reader.value().identifier
      case "title": read.title = try reader.readString()
      case "create_time": created = try reader.value()
      case "update_time": updated = try reader.value()
      case "current_node": read.current = try reader.readString()
      case "default_model_slug": read.model = try reader.readString()
      case "mapping": tree = try Self.nodes(&reader)
      default: try reader.skip()
      }
    }
    id = read.id ?? otherID
    (title, currentNode, model) = (read.title, read.current, read.model)
    (createTime, updateTime) = (Timestamp(importing: created), Timestamp(importing: updated))
    for (name, node) in tree where nodes.updateValue(node, forKey: name) == nil {
      names.append(name)
    }
  }

  /// Reads the tree: nodes by their names, or a list of nodes that tell them.
  private static func nodes(_ reader: inout JSONReader) throws(JSONError) -> [(String, Node)] {
    var list = reader
    var nodes: [(String, Node)] = []
    try reader.readObject { name, reader throws(JSONError) in
      nodes.append((name.text, try node(&reader).node))
    }
    if nodes.isEmpty {
      try list.readArray { reader throws(JSONError) in
        let (id, node) = try node(&reader)
        if let id { nodes.append((id, node)) }
      }
    }
    return nodes
  }

  private static func node(
    _ reader: inout JSONReader
  ) throws(JSONError) -> (id: String?, node: Node) {
    var node = Node()
    var id: String?
    try reader.readObject { name, reader throws(JSONError) in
      switch name {
      case "id": id = try reader.value().identifier
      case "parent": node.parent = try reader.readString()
      case "children":
        try reader.readArray { reader throws(JSONError) in
          if let child = try reader.readString() { node.children.append(child) }
        }
      case "message": node.message = try ChatGPTMessage(reading: &reader)
      default: try reader.skip()
      }
    }
    return (id, node)
  }

  /// What was said in it; nil when nothing was.
  var conversation: ForeignConversation? {
    var repair: ImportRemark.Reason?
    var branch = branch(to: currentNode ?? "", &repair)
    if !branch.contains(where: { nodes[$0]?.message?.isSaid == true }) {
      guard let leaf = leaves().last else { return nil }
      repair = .newestBranch
      branch = self.branch(to: leaf, &repair)
    }
    let first = branch.lazy.compactMap { nodes[$0]?.message?.said(model: nil) }.first
    // Without an id it is known by its title and its beginning.
    let parts = [title, first?.id, first?.content].map { $0 ?? "" }
    let name =
      id ?? UUID(derivedFrom: ["\(createTime?.milliseconds ?? 0)"] + parts).uuidString
    var conversation = ForeignConversation(
      name: name, title: title, createdAt: createTime, updatedAt: updateTime)
    conversation.repair = repair
    var ids: Set<String> = []
    for node in branch {
      guard let message = nodes[node]?.message else { continue }
      conversation.leftOut.merge(message.leftOut, uniquingKeysWith: +)
      guard var said = message.said(model: model) else { continue }
      // Two nodes may tell one id: the second is not the first once more.
      if said.id.isEmpty || !ids.insert(said.id).inserted { said.id = node }
      conversation.messages.append(said)
    }
    let shown = Set(branch)
    let others = nodes.count { !shown.contains($0.key) && $0.value.message?.isSaid == true }
    if others > 0 { conversation.leftOut[.otherBranches] = others }
    return conversation.messages.isEmpty ? nil : conversation
  }

  /// The nodes from the first to `leaf`. Where the chain of parents has a hole, it goes on with
  /// what came before it: the node that calls the missing one its child or else, of what is not
  /// later than the branch, the newest leaf.
  private func branch(to leaf: String, _ repair: inout ImportRemark.Reason?) -> [String] {
    var branch: [String] = []
    var seen: Set<String> = []
    var start: Timestamp?
    var leaves: [String]?
    var parents: [String: String]?
    var next: String? = leaf
    while let name = next, !seen.contains(name) {
      if let node = nodes[name] {
        seen.insert(name)
        branch.append(name)
        start = node.message?.createTime ?? start
        next = node.parent
        continue
      }
      if branch.isEmpty { break }
      if parents == nil { parents = parentsOfMissing() }
      if let parent = parents?[name], !seen.contains(parent) {
        next = parent
      } else {
        var left = leaves ?? self.leaves()
        // What is later than this hole is later than all that are found further on.
        while let last = left.last, seen.contains(last) || isLater(last, than: start) {
          left.removeLast()
        }
        next = left.last
        leaves = left
      }
      if next != nil { repair = .gap }
    }
    return branch.reversed()
  }

  private func isLater(_ name: String, than time: Timestamp?) -> Bool {
    guard let time, let own = nodes[name]?.message?.createTime else { return false }
    return own > time
  }

  /// The nodes that call one that is not there their child, by its name.
  private func parentsOfMissing() -> [String: String] {
    var parents: [String: String] = [:]
    for name in names {
      for child in nodes[name]?.children ?? [] where nodes[child] == nil { parents[child] = name }
    }
    return parents
  }

  /// The nodes that are nobody's parent, by the time they were said at; of those without one, in
  /// the order in which they come.
  private func leaves() -> [String] {
    let parents = Set(nodes.values.compactMap(\.parent))
    var time = Timestamp(milliseconds: .min)
    return names.filter { name in
      guard !parents.contains(name), let message = nodes[name]?.message else { return false }
      return message.isSaid || !message.leftOut.isEmpty
    }.enumerated().map { index, name in
      time = nodes[name]?.message?.createTime ?? time
      return (name: name, time: time, index: index)
    }.sorted { ($0.time, $0.index) < ($1.time, $1.index) }.map(\.name)
  }
}
