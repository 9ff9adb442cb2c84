import SessionCore

/// The fields of a request that a model has refused and can be asked without. They are left out of
/// all requests that follow.
final class RefusedFields: Sendable {
  private let names = Locked<Set<String>>([])

  /// Asks with `document`, and once more for each field that is refused, without it.
  ///
  /// - Throws: What `ask` throws.
  func asking(_ document: JSONValue, _ ask: (JSONValue) async throws -> Void) async throws {
    while true {
      let known = names.withLock { $0 }
      let fields = (document.fields ?? [:]).filter { !known.contains($0.key) }
      do {
        return try await ask(.object(fields))
      } catch let refusal as ServiceRefusal {
        guard case .optionalFields(let refused) = refusal.subject,
          refused.contains(where: { fields[$0] != nil })
        else { throw refusal }
        names.withLock { $0.formUnion(refused) }
      }
    }
  }
}
