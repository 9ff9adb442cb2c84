#if canImport(Glibc)
  public import Glibc
#elseif canImport(Musl)
  public import Musl
#else
  public import Darwin
#endif

/// Keeps what this process has open at the moment from a program that is about to be started.
///
/// An inherited socket or pipe would keep its reader waiting for as long as the program runs, and
/// tests that start programs run beside tests that wait for the end of a connection.
public func closeInheritedDescriptors(_ actions: inout posix_spawn_file_actions_t) {
  // `addclosefrom` is not in the Glibc module. Closing what is not open is no error here.
  let openMax = min(sysconf(Int32(_SC_OPEN_MAX)), 4096)
  for descriptor in 3..<Int32(max(openMax, 256)) {
    posix_spawn_file_actions_addclose(&actions, descriptor)
  }
}
