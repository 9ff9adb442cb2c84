import FakeGemini
import RawClient
import SessionCore
import TestSupport
import Testing

@Suite("FakeGemini counts tokens and lists models", .timeLimit(.minutes(5)))
struct GeminiModelTests {
  private struct Page: Decodable {
    struct Model: Decodable {
      let name: String
      let inputTokenLimit: Int
      let supportedGenerationMethods: [String]
    }
    let models: [Model]
    let nextPageToken: String?
  }

  private struct Count: Decodable {
    struct Detail: Decodable {
      let modality: String
      let tokenCount: Int
    }
    let totalTokens: Int
    let promptTokensDetails: [Detail]
  }

  @Test("The list of models comes in pages that hold each once, in order")
  func pages() async throws {
    let bench = try await GeminiBench(models: ["a", "b", "c", "d", "e"])
    var names: [String] = []
    var query = "?pageSize=2"
    var count = 0
    while true {
      let page = try await bench.get("/v1beta/models\(query)").decode(as: Page.self)
      count += 1
      names += page.models.map(\.name)
      guard let token = page.nextPageToken else { break }
      query = "?pageSize=2&pageToken=\(token)"
    }
    #expect(count == 3)
    #expect(names == ["models/a", "models/b", "models/c", "models/d", "models/e"])
  }

  @Test("Without a size, the list is whole; a bad size or token is a 400")
  func list() async throws {
    let bench = try await GeminiBench()
    let page = try await bench.get("/v1beta/models").decode(as: Page.self)
    #expect(page.models.map { String($0.name.dropFirst(7)) } == FakeGemini.usualModels)
    #expect(page.nextPageToken == nil)
    #expect(page.models[0].inputTokenLimit == 1_048_576)
    for query in ["pageSize=x", "pageSize=-1", "pageToken=x", "pageToken=page-99"] {
      #expect(try await bench.get("/v1beta/models?\(query)").status == 400, "\(query)")
    }
    #expect(try await bench.get("/v1beta/models", key: nil).status == 403)
  }

  @Test("One model; one that is not there")
  func oneModel() async throws {
    let bench = try await GeminiBench()
    let model = try await bench.get("/v1beta/models/gemini-2.5-pro").decode(as: Page.Model.self)
    #expect(model.name == "models/gemini-2.5-pro")
    #expect(model.supportedGenerationMethods.contains("generateContent"))
    #expect(try await bench.get("/v1beta/models/none").error().status == "NOT_FOUND")
    #expect(try await bench.post(to: "gemini%2D2.5-pro", "streamGenerateContent").status == 200)
  }

  @Test("A model can be listed and still be gone")
  func listedAndGone() async throws {
    let bench = try await GeminiBench()
    bench.fake.set(.goneNewUsers, for: "gemini-2.5-flash")
    let page = try await bench.get("/v1beta/models").decode(as: Page.self)
    #expect(page.models.contains { $0.name == "models/gemini-2.5-flash" })
    #expect(try await bench.post().status == 404)
  }

  @Test("countTokens: contents alone, or a whole request with its instruction and tools")
  func countTokens() async throws {
    let bench = try await GeminiBench()
    let alone = try await bench.post(to: "gemini-2.5-flash", "countTokens").decode(as: Count.self)
    #expect(alone.totalTokens == 4)
    #expect(alone.promptTokensDetails.map(\.tokenCount) == [4])
    let whole = try await bench.post(
      #"{"generateContentRequest":{"model":"models/gemini-2.5-flash","contents":[{"parts":"#
        + #"[{"text":"Bonjour à tous"}]}],"systemInstruction":{"parts":[{"text":"Bref."}]}}}"#,
      to: "gemini-2.5-flash", "countTokens"
    ).decode(as: Count.self)
    #expect(whole.totalTokens == 6)
  }

  @Test(
    "countTokens refuses what is not in order",
    arguments: [
      (#"{"contents":[{"parts":[{"text":"a"}]}],"systemInstruction":{}}"#, "systemInstruction"),
      (
        #"{"contents":[{"parts":[{"text":"a"}]}],"generateContentRequest":{"contents":[]}}"#,
        "Only one of"
      ),
      (#"{"generateContentRequest":{"contents":[{"parts":[{"text":"a"}]}]}}"#, "model"),
      ("{}", "contents is not specified"),
    ])
  func badCount(body: String, message: String) async throws {
    let error = try await GeminiBench().post(body, to: "gemini-2.5-flash", "countTokens").error()
    #expect(error.code == 400 && error.message.contains(message), "\(error.message)")
  }

  @Test("Counting and listing use up neither quota nor script, and have scripts of their own")
  func scripts() async throws {
    let bench = try await GeminiBench()
    bench.fake.setLimits(ModelLimits(requestsPerDay: 1))
    bench.fake.enqueue(.overloaded, call: .countTokens)
    bench.fake.enqueue(.keyExpired, call: .models)
    bench.fake.enqueue(.cut)
    #expect(try await bench.post(to: "gemini-2.5-flash", "countTokens").status == 503)
    #expect(try await bench.post(to: "gemini-2.5-flash", "countTokens").status == 200)
    #expect(try await bench.get("/v1beta/models").status == 400)
    #expect(try await bench.get("/v1beta/models/gemini-2.5-pro").status == 200)
    #expect(bench.fake.queuedCount == 1)
    #expect(try await bench.post().events().count == 1)
  }

  @Test("Keys and models can change while it runs")
  func changes() async throws {
    let bench = try await GeminiBench()
    bench.fake.setModels(["gemini-3.6-flash"])
    bench.fake.setKeys(["new"])
    #expect(try await bench.get("/v1beta/models").status == 400)
    #expect(
      try await bench.get("/v1beta/models", key: "new").decode(as: Page.self).models.count == 1)
  }
}
