#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A key of a session table.
package protocol TableKey: Hashable, Sendable {
  /// A hash that differs from process to process, so that nobody outside can choose keys that meet.
  var tableHash: UInt32 { get }
}

extension TableKey {
  /// The standard library's hash.
  package var tableHash: UInt32 { UInt32(truncatingIfNeeded: hashValue) }
}

extension Scope: TableKey {}

/// Drawn once in the life of a process.
private let tableSeed = (
  UInt64.random(in: .min ... .max), UInt64.random(in: .min ... .max)
)

extension ConversationID: TableKey {
  /// One multiplication with secret numbers: a tenth of what the standard library's hash costs,
  /// which is most of what touching a session costs.
  package var tableHash: UInt32 {
    // Read where it stands: taken apart, its 16 bytes would be put together again one by one.
    let words = withUnsafeBytes(of: uuid) { $0.loadUnaligned(as: (UInt64, UInt64).self) }
    let product = (words.0 ^ tableSeed.0).multipliedFullWidth(by: words.1 ^ tableSeed.1)
    let mixed = product.low ^ product.high
    return UInt32(truncatingIfNeeded: mixed ^ (mixed >> 32))
  }
}
