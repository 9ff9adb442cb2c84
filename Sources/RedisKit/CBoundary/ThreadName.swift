import CHiredis

#if canImport(Darwin)
  import Darwin
#endif

/// Names the calling thread, for debuggers and `ps -L`: at most 15 bytes.
func nameThisThread(_ name: String) {
  #if canImport(Darwin)
    pthread_setname_np(name)
  #else
    chiredis_name_thread(name)
  #endif
}
