import SessionCore
import Testing

@Suite("A message of ChatGPT")
struct ChatGPTContentTests {
  private typealias F = ImportFixture

  @Test(
    "A8 has text in many shapes, and what is none is counted, and named where it has a name",
    arguments: [
      (
        #"[{"content_type":"audio_transcription","text":"spoken question","direction":"in"},{"content_type":"audio_asset_pointer"}]"#,
        "", "spoken question", [.audio: 1]
      ),
      (
        #"[{"content_type":"real_time_user_audio_video_asset_pointer","frames_asset_pointers":[],"video_container_asset_pointer":null,"audio_asset_pointer":{"content_type":"audio_asset_pointer","asset_pointer":"sediment://file_1"}}]"#,
        "", "[audio: file_1]", [.audio: 1]
      ),
      (
        #"[{"content_type":"image_asset_pointer","asset_pointer":"file-service://file-1"},"Look"]"#,
        #","metadata":{"attachments":[{"id":"file-1","name":"cat.png","mimeType":"image/png"},{"id":"file-2","name":"notes.pdf","mimeType":"application/pdf"}]}"#,
        "[image: cat.png]\nLook\n[file: notes.pdf]", [.images: 1, .files: 1]
      ),
      (#"[{"content_type":"image_asset_pointer"}]"#, "", "[image]", [.images: 1]),
      (#"["a",null,7,{"text":"b"},{"content_type":"new_thing"}]"#, "", "a\nb", [.unknown: 1]),
      (#""bare""#, "", "bare", [:]),
    ] as [(String, String, String, [ImportOmission: Int])])
  func parts(
    parts: String, more: String, text: String, leftOut: [ImportOmission: Int]
  ) async throws {
    let fixture = try ImportFixture()
    let message = F.message("a", "user", parts, more: more)
    let report = try await fixture.take("[\(F.conversation(F.ids[0], "\"T\"", [message]))]")
    #expect(try await fixture.texts() == [["user \(text)"]])
    #expect(report.leftOut == leftOut)
  }

  @Test(
    "A8 has contents of many kinds",
    arguments: [
      ("assistant", #"{"content_type":"code","language":"python","text":"print(1)"}"#, "print(1)"),
      ("tool", #"{"content_type":"execution_output","text":"1"}"#, "1"),
      ("tool", #"{"content_type":"tether_quote","title":"T","url":"u","text":"q"}"#, "T\nu\nq"),
      ("tool", #"{"content_type":"tether_browsing_display","result":"r","summary":null}"#, "r"),
      ("tool", #"{"content_type":"system_error","name":"E","text":"failed"}"#, "failed"),
      ("assistant", #"{"parts":["no kind"]}"#, "no kind"),
      ("assistant", #"{"content_type":"thoughts","thoughts":[{"content":"hm"}]}"#, nil),
      ("assistant", #"{"content_type":"reasoning_recap","content":"Thought for 3 s"}"#, nil),
      ("user", #"{"content_type":"user_editable_context","user_profile":"p"}"#, nil),
      ("critic", #"{"content_type":"text","parts":["?"]}"#, nil),
    ] as [(String, String, String?)])
  func contents(role: String, content: String, text: String?) async throws {
    let fixture = try ImportFixture()
    let message = "{\"id\":\"a\",\"author\":{\"role\":\"\(role)\"},\"content\":\(content)}"
    let file = F.conversation(
      F.ids[0], "\"T\"", [F.message("q", "user", "[\"Q\"]"), message])
    let report = try await fixture.take("[\(file)]")
    #expect(try await fixture.texts() == [["user Q"] + (text.map { ["\(role) \($0)"] } ?? [])])
    #expect(report.leftOut.values.reduce(0, +) == (text == nil ? 1 : 0))
  }

  @Test("A8 holds half characters, which are replaced")
  func surrogates() async throws {
    let fixture = try ImportFixture()
    let file = F.conversation(
      F.ids[0], #""Cut \ud83d""#, [F.message("a", "user", #"["regex \ud83d-\ude00"]"#)])
    let report = try await fixture.take("[\(file)]")
    #expect(report.skipped.isEmpty)
    #expect(try await fixture.threads()[0].name == "Cut \u{FFFD}")
    #expect(try await fixture.texts() == [["user regex \u{FFFD}-\u{FFFD}"]])
  }
}
