/// The version of this package.
package enum PackageVersion {
  /// The version that the programs and the traces name. The newest heading of the changelog names
  /// the same one.
  package static let current = "0.2.0"
}
