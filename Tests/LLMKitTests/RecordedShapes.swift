import SessionCore

/// Streams in the shapes in which services send them. The texts are ours; each names where its
/// shape was seen.
enum RecordedShapes {
  struct Shape: Sendable, CustomStringConvertible {
    let description: String
    /// Where the shape was seen.
    let source: String
    let stream: String
    var text = "Un “petit” 🇫🇷."
    var calls: [ToolCall] = []
    var usage: TokenUsage?
    var isGemini = false
  }

  private static let usage = TokenUsage(
    promptTokenCount: 9, answerTokenCount: 5, thoughtTokenCount: 0, totalTokenCount: 14)
  private static let thinkingUsage = TokenUsage(
    promptTokenCount: 9, answerTokenCount: 5, thoughtTokenCount: 7, totalTokenCount: 21)
  private static let usageJSON =
    #""usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":14"#

  private static func events(_ events: String..., lineEnd: String = "\n") -> String {
    StreamBench.stream(events, lineEnd: lineEnd)
  }

  /// A chunk as most services send it.
  private static func chunk(
    _ delta: String, finish: String = "null", more: String = "", choice: String = ""
  ) -> String {
    """
    {"id":"c-1","object":"chat.completion.chunk","created":1700000000,"model":"m",\
    "choices":[{"index":0,"delta":\(delta),"logprobs":null,"finish_reason":\(finish)\(choice)}]\(more)}
    """
  }

  static let all: [Shape] = [
    Shape(
      description: "OpenAI", source: "platform.openai.com/docs/api-reference/chat-streaming",
      stream: events(
        chunk(#"{"role":"assistant","content":"","refusal":null}"#, more: #","usage":null"#),
        chunk(#"{"content":"Un “petit”"}"#, more: #","usage":null"#),
        chunk(#"{"content":" 🇫🇷."}"#, more: #","usage":null"#),
        chunk("{}", finish: "\"stop\"", more: #","usage":null"#),
        """
        {"id":"c-1","model":"m","choices":[],\(usageJSON),"prompt_tokens_details":\
        {"cached_tokens":0},"completion_tokens_details":{"reasoning_tokens":0}}}
        """, "[DONE]"),
      usage: TokenUsage(
        promptTokenCount: 9, answerTokenCount: 5, thoughtTokenCount: 0, totalTokenCount: 14,
        cachedTokenCount: 0)),
    Shape(
      description: "OpenAI, calls of tools",
      source:
        "vercel/ai packages/groq/src/__fixtures__/groq-tool-call.chunks.txt and OpenAI's guide",
      stream: events(
        chunk(
          #"{"role":"assistant","content":null,"tool_calls":[{"index":0,"id":"a","type":"function","function":{"name":"f","arguments":""}}]}"#
        ), chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"{\"x\":\"é"}}]}"#),
        chunk(#"{"tool_calls":[{"index":0,"function":{"arguments":"\"}"}}]}"#),
        chunk(
          #"{"tool_calls":[{"index":1,"id":"b","type":"function","function":{"name":"g","arguments":"{}"}}]}"#
        ), chunk("{}", finish: "\"tool_calls\""), "[DONE]"),
      text: "",
      calls: [
        ToolCall(id: "a", name: "f", arguments: "{\"x\":\"é\"}"),
        ToolCall(id: "b", name: "g", arguments: "{}"),
      ]),
    Shape(
      description: "Azure", source: "langchain-ai/langchain#18977, microsoft/autogen#6465",
      stream: events(
        """
        {"id":"","object":"","created":0,"model":"","choices":[],"prompt_filter_results":\
        [{"prompt_index":0,"content_filter_results":{"hate":{"filtered":false}}}]}
        """,
        chunk(#"{"role":"assistant"}"#, choice: #","content_filter_results":{}"#),
        chunk(#"{"content":"Un “petit” 🇫🇷."}"#), chunk("{}", finish: "\"stop\""),
        """
        {"id":"","object":"","created":0,"model":"","choices":[{"index":0,"finish_reason":null,\
        "content_filter_results":{},"content_filter_offsets":{"check_offset":44}}]}
        """, "[DONE]")),
    Shape(
      description: "Mistral, with thoughts and references",
      source: "BerriAI/litellm#16272, vercel/ai mistral-reasoning and mistral-empty-choices",
      stream: events(
        chunk(#"{"role":"assistant","content":""}"#),
        #"{"id":"c-1","model":"m","choices":[],"usage":null}"#,
        chunk(#"{"content":[{"type":"thinking","thinking":[{"type":"text","text":"hm"}]}]}"#),
        chunk(#"{"content":[{"type":"text","text":"Un “petit”"}]}"#),
        chunk(#"{"content":[{"type":"reference","reference_ids":[1]}]}"#),
        chunk(#"{"content":" 🇫🇷."}"#),
        chunk(#"{"content":""}"#, finish: "\"stop\"", more: ",\(usageJSON)}"), "[DONE]"),
      usage: usage),
    Shape(
      description: "Groq", source: "vercel/ai#1651, Portkey-AI/gateway#1338",
      stream: events(
        chunk(
          #"{"role":"assistant","content":"","tool_calls":[]}"#, more: #","x_groq":{"id":"r"}"#),
        chunk(#"{"reasoning":"hm"}"#), chunk(#"{"content":"Un “petit” 🇫🇷.","tool_calls":[]}"#),
        chunk(
          "{}", finish: "\"stop\"", more: #","x_groq":{"id":"r",\#(usageJSON),"queue_time":0.1}}"#),
        "[DONE]"),
      usage: usage),
    Shape(
      description: "OpenRouter", source: "openrouter.ai/docs/api/reference/streaming",
      stream: events(
        ": OPENROUTER PROCESSING",
        chunk(
          #"{"role":"assistant","content":"","reasoning":"hm","reasoning_details":[{"type":"reasoning.text","text":"hm"}]}"#,
          choice: #","native_finish_reason":null"#), ": OPENROUTER PROCESSING",
        chunk(#"{"role":"assistant","content":"Un “petit” 🇫🇷.","reasoning":null}"#),
        chunk(#"{"content":""}"#, finish: "\"stop\"", choice: #","native_finish_reason":"STOP""#),
        chunk(#"{"role":"assistant","content":""}"#, more: ",\(usageJSON),\"cost\":0.1}"), "[DONE]"),
      usage: usage),
    Shape(
      description: "DeepSeek", source: "vercel/ai deepseek-reasoning.chunks.txt",
      stream: events(
        chunk(#"{"role":"assistant","content":null,"reasoning_content":""}"#),
        chunk(#"{"content":null,"reasoning_content":"hm"}"#),
        chunk(#"{"content":"Un “petit” 🇫🇷.","reasoning_content":null}"#),
        chunk(
          #"{"content":"","reasoning_content":null}"#, finish: "\"stop\"",
          more: """
            ,"usage":{"prompt_tokens":9,"completion_tokens":12,"total_tokens":21,\
            "completion_tokens_details":{"reasoning_tokens":7},"prompt_cache_hit_tokens":4,\
            "prompt_cache_miss_tokens":5}
            """), "[DONE]"),
      usage: TokenUsage(
        promptTokenCount: 9, answerTokenCount: 5, thoughtTokenCount: 7, totalTokenCount: 21,
        cachedTokenCount: 4)),
    Shape(
      description: "xAI, tokens told all the time and thoughts beside the completion",
      source: "vercel/ai xai-text.chunks.txt, BerriAI/litellm#17136",
      stream: events(
        chunk(
          #"{"role":"assistant","content":"Un “petit”"}"#,
          more:
            #","usage":{"prompt_tokens":9,"completion_tokens":1,"total_tokens":17,"completion_tokens_details":{"reasoning_tokens":7}}"#
        ), chunk(#"{"content":" 🇫🇷."}"#),
        chunk("{}", finish: "\"stop\""),
        #"{"id":"c-1","model":"m","choices":[],"usage":{"prompt_tokens":9,"completion_tokens":5,"total_tokens":21,"completion_tokens_details":{"reasoning_tokens":7}}}"#,
        "[DONE]"),
      usage: thinkingUsage),
    Shape(
      description: "Ollama, a model that thinks aloud and calls whole",
      source: "vercel/ai#14277, docs.ollama.com/openai",
      stream: events(
        chunk(#"{"role":"assistant","content":"<thi"}"#),
        chunk(#"{"content":"nk>hm</think>\n\n"}"#),
        chunk(#"{"content":"Un “petit” 🇫🇷."}"#),
        chunk(
          #"{"content":"","tool_calls":[{"id":"a","index":0,"type":"function","function":{"name":"f","arguments":"{\"x\":1}"}}]}"#
        ),
        chunk(
          #"{"content":"","tool_calls":[{"id":"b","index":0,"type":"function","function":{"name":"f","arguments":"{\"x\":2}"}}]}"#
        ), chunk(#"{"content":""}"#, finish: "\"tool_calls\""), "[DONE]"),
      calls: [
        ToolCall(id: "a", name: "f", arguments: "{\"x\":1}"),
        ToolCall(id: "b", name: "f", arguments: "{\"x\":2}"),
      ]),
    Shape(
      description: "llama.cpp", source: "a stream of its server, and ggml-org/llama.cpp#15780",
      stream: events(
        #"{"choices":[{"finish_reason":null,"index":0,"delta":{"role":"assistant","content":null}}],"created":1,"id":"c-1","model":"m","system_fingerprint":"b1","object":"chat.completion.chunk"}"#,
        #"{"choices":[{"finish_reason":null,"index":0,"delta":{"content":"Un “petit” 🇫🇷."}}],"created":1,"id":"c-1","model":"m"}"#,
        #"{"choices":[{"finish_reason":"stop","index":0,"delta":{}}],"created":1,"id":"c-1","model":"m"}"#,
        "{\"choices\":[],\"id\":\"c-1\",\"model\":\"m\",\(usageJSON)},\"timings\":{\"prompt_n\":9}}",
        "[DONE]"),
      usage: usage),
    Shape(
      description: "vLLM, its end on the last piece of text and tokens all the time",
      source: "NousResearch/hermes-agent#91373, vllm-project/vllm#5708",
      stream: events(
        chunk(
          #"{"role":"assistant","content":""}"#,
          more: #","usage":{"prompt_tokens":9,"total_tokens":9,"completion_tokens":0}"#),
        chunk(
          #"{"content":"Un “petit”"}"#,
          more: #","usage":{"prompt_tokens":9,"total_tokens":11,"completion_tokens":2}"#),
        chunk(
          #"{"content":" 🇫🇷."}"#, finish: "\"stop\"", more: ",\(usageJSON)}",
          choice: #","stop_reason":null"#),
        "{\"id\":\"c-1\",\"model\":\"m\",\"choices\":[],\(usageJSON)}}", "[DONE]"),
      usage: usage),
    Shape(
      description: "LM Studio", source: "lmstudio.ai/docs/app/api/endpoints/openai",
      stream: events(
        chunk(#"{"role":"assistant","content":"Un “petit”"}"#),
        chunk(#"{"role":"assistant","content":" 🇫🇷."}"#),
        chunk("{}", finish: "\"stop\""), "[DONE]", lineEnd: "\r\n")),
    Shape(
      description: "Cerebras", source: "inference-docs.cerebras.ai, langchain4j/langchain4j#2048",
      stream: events(
        chunk(#"{"role":"assistant"}"#), chunk(#"{"reasoning":"hm"}"#),
        chunk(#"{"content":"Un “petit” 🇫🇷."}"#),
        chunk(
          "{}", finish: "\"stop\"",
          more: ",\(usageJSON)},\"time_info\":{\"queue_time\":0.1,\"total_time\":1.0}"),
        "[DONE]"),
      usage: usage),
    Shape(
      description: "Moonshot, tokens within the choice",
      source: "platform.moonshot.ai/docs/api/chat",
      stream: events(
        chunk(#"{"role":"assistant","content":""}"#), chunk(#"{"content":"Un “petit” 🇫🇷."}"#),
        chunk("{}", finish: "\"stop\"", choice: ",\(usageJSON)}"), "[DONE]"),
      usage: usage),
    Shape(
      description: "two choices, halves of characters, no mark of the end",
      source: "elizaOS/eliza#30904, elie222/rakazo#416",
      stream: events(
        #"{"id":"c-1","model":"m","choices":[{"delta":{"content":"autre"},"index":1},{"index":0,"delta":{"content":"Un “petit” \ud83c"}}]}"#,
        #"{"choices":[{"delta":{"content":"\uddeb\ud83c"}}]}"#,
        #"{"choices":[{"delta":{"content":""}}]}"#,
        #"{"choices":[{"delta":{"content":"\uddf7."}}]}"#,
        #"{"choices":[{"delta":{},"finish_reason":"length","index":1},{"delta":{},"finish_reason":"stop","index":0}]}"#
      )),
    Shape(
      description: "Gemini 2.5", source: "googleapis/js-genai recorded responses",
      stream: events(
        #"{"candidates":[{"content":{"parts":[{"text":"Un “petit”"}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":2,"totalTokenCount":18,"thoughtsTokenCount":7},"modelVersion":"gemini-2.5-flash","responseId":"r"}"#,
        #"{"candidates":[{"content":{"parts":[{"text":" 🇫🇷."}],"role":"model"},"index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":21,"thoughtsTokenCount":7},"modelVersion":"gemini-2.5-flash","responseId":"r"}"#,
        #"{"candidates":[{"content":{"parts":[{"text":""}],"role":"model"},"finishReason":"STOP","index":0}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":21,"thoughtsTokenCount":7},"modelVersion":"gemini-2.5-flash","responseId":"r"}"#,
        lineEnd: "\r\n"), usage: thinkingUsage, isGemini: true),
    Shape(
      description: "Gemini 3, thoughts and signed calls", source: "brainlid/langchain#620",
      stream: events(
        #"{"candidates":[{"content":{"parts":[{"text":"hm","thought":true}],"role":"model"}}]}"#,
        #"{"candidates":[{"content":{"parts":[{"text":"Un “petit” \ud83c"}],"role":"model"},"index":0},{"content":{"parts":[{"text":"autre"}]},"index":1}]}"#,
        #"{"candidates":[{"content":{"parts":[{"text":"\uddeb\ud83c\uddf7."}],"role":"model"}}]}"#,
        #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"x":1},"id":"a"},"thoughtSignature":"c2ln"}],"role":"model"}}]}"#,
        #"{"candidates":[{"content":{"parts":[{"functionCall":{"name":"g","id":"b"}}],"role":"model"},"finishReason":"STOP"}],"usageMetadata":{"promptTokenCount":9,"candidatesTokenCount":5,"totalTokenCount":21,"thoughtsTokenCount":7}}"#,
        lineEnd: "\r\n"),
      calls: [
        ToolCall(id: "a", name: "f", arguments: "{\"x\":1}", signature: "c2ln"),
        ToolCall(id: "b", name: "g", arguments: "{}"),
      ], usage: thinkingUsage, isGemini: true),
    Shape(
      description: "Gemini's older models: the end in every chunk",
      source: "google-gemini/deprecated-generative-ai-js test responses",
      stream: events(
        #"{"candidates":[{"content":{"parts":[{"text":"Un “petit”"}]},"finishReason":"STOP","index":0,"safetyRatings":[]}]}"#,
        #"{"candidates":[{"content":{"parts":[{"text":" 🇫🇷."}]},"finishReason":"STOP","index":0}]}"#,
        #"{"candidates":[{"content":{},"finishReason":"STOP","index":0}]}"#, lineEnd: "\r\n"),
      isGemini: true),
  ]
}
