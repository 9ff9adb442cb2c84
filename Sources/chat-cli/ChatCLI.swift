#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The command line program.
@main
struct ChatCLI {
  static func main() async {
    let code = await Program.run()
    exit(code.rawValue)
  }
}
