#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The descriptors 0, 1 and 2.
package enum OpenStreams {
  /// Holds those open that came closed, so that no file or socket takes such a number and is read
  /// for the input or written over with answers. Reading from them finds the end, writing to them
  /// fails. Call it before anything is opened.
  package static func hold() {
    for descriptor in Int32(0)...2 where fcntl(descriptor, F_GETFD) == -1 {
      // The lowest free number is given.
      _ = open("/dev/null", O_RDONLY)
    }
  }
}
