#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that its owner alone can read.
package enum PrivateFile {
  /// Opens it, also one that was made with other rights, and no other file through a link.
  ///
  /// - Returns: A descriptor, or -1.
  package static func open(_ path: String, _ flags: Int32) -> Int32 {
    let all = flags | O_CLOEXEC | O_NOFOLLOW
    #if canImport(Glibc)
      let descriptor = Glibc.open(path, all, 0o600)
    #elseif canImport(Musl)
      let descriptor = Musl.open(path, all, 0o600)
    #else
      let descriptor = Darwin.open(path, all, 0o600)
    #endif
    if descriptor >= 0 { fchmod(descriptor, 0o600) }
    return descriptor
  }
}
