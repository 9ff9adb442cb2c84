@main
struct ChatCLI { static func main() {} }
