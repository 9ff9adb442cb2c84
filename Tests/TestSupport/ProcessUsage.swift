import Foundation

/// What this process holds of the system.
public enum ProcessUsage {
  /// The open descriptors, the one that looks included.
  public static func descriptorCount() throws -> Int {
    try FileManager.default.contentsOfDirectory(atPath: "/dev/fd").count
  }

  /// The memory in use, in bytes; 0 where the system does not tell it in a file.
  public static func residentByteCount() -> Int {
    guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8),
      let pages = text.split(separator: " ").dropFirst().first.flatMap({ Int($0) })
    else { return 0 }
    return pages * 4096
  }

  /// Whether a sanitizer is at work, whose own records grow with what is done.
  public static var isSanitized: Bool {
    let program = dlopen(nil, RTLD_NOW)
    return dlsym(program, "__tsan_init") != nil || dlsym(program, "__asan_init") != nil
  }
}
