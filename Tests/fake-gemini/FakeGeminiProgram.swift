@main
struct FakeGeminiProgram { static func main() {} }
