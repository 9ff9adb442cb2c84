#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// A file that its owner alone can read. What stands at its path and is no plain file of this user
/// under one name (a pipe, a device, a link, another user's file) is left alone, as one that cannot
/// be opened.
package enum PrivateFile {
  /// Opens it, also one that was made with other rights.
  ///
  /// - Returns: A descriptor, or -1.
  package static func open(_ path: String, _ flags: Int32) -> Int32 {
    // Without waiting: a pipe would have it wait for ever.
    let all = flags | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
    #if canImport(Glibc)
      let descriptor = Glibc.open(path, all, 0o600)
    #elseif canImport(Musl)
      let descriptor = Musl.open(path, all, 0o600)
    #else
      let descriptor = Darwin.open(path, all, 0o600)
    #endif
    guard descriptor >= 0 else { return -1 }
    var facts = stat()
    guard fstat(descriptor, &facts) == 0, facts.st_mode & S_IFMT == S_IFREG,
      facts.st_uid == geteuid(), facts.st_nlink <= 1
    else {
      close(descriptor)
      return -1
    }
    fchmod(descriptor, 0o600)
    return descriptor
  }

  /// All of its bytes; none when it cannot be read.
  package static func contents(of path: String) -> [UInt8] {
    let descriptor = open(path, O_RDONLY)
    guard descriptor >= 0 else { return [] }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: 65_536)
    while true {
      let count = read(descriptor, &buffer, buffer.count)
      if count < 0, errno == EINTR { continue }
      guard count > 0 else { return bytes }
      bytes += buffer[..<count]
    }
  }
}
