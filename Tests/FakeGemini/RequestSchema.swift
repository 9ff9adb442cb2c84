/// The messages of the requests.
enum RequestSchema {
  static let generateContent = MessageType([
    "model": .string,
    "contents": .list(.message(content)),
    "systemInstruction": .message(content),
    "generationConfig": .message(generationConfig),
    "safetySettings": .list(.message(safetySetting)),
    "tools": .list(.message(tool)),
    "toolConfig": .message(toolConfig),
    "cachedContent": .string,
  ])

  static let countTokens = MessageType([
    "contents": .list(.message(content)),
    "generateContentRequest": .message(generateContent),
  ])

  private static let content = MessageType([
    "role": .string, "parts": .list(.message(part)),
  ])

  private static let part = MessageType([
    "text": .string,
    "inlineData": .message(
      MessageType(["mimeType": .string, "data": .bytes, "displayName": .string])),
    "fileData": .message(
      MessageType(["mimeType": .string, "fileUri": .string, "displayName": .string])),
    "functionCall": .message(MessageType(["id": .string, "name": .string, "args": .object])),
    "functionResponse": .message(
      MessageType([
        "id": .string, "name": .string, "response": .object, "willContinue": .bool,
        "scheduling": .choice(
          "FunctionResponse.Scheduling",
          ["SCHEDULING_UNSPECIFIED", "SILENT", "WHEN_IDLE", "INTERRUPT"]),
      ])),
    "executableCode": .message(
      MessageType([
        "id": .string, "code": .string,
        "language": .choice("ExecutableCode.Language", ["LANGUAGE_UNSPECIFIED", "PYTHON"]),
      ])),
    "codeExecutionResult": .message(
      MessageType([
        "id": .string, "output": .string,
        "outcome": .choice(
          "CodeExecutionResult.Outcome",
          ["OUTCOME_UNSPECIFIED", "OUTCOME_OK", "OUTCOME_FAILED", "OUTCOME_DEADLINE_EXCEEDED"]),
      ])),
    "thought": .bool,
    "thoughtSignature": .bytes,
    "videoMetadata": .message(
      MessageType(["startOffset": .string, "endOffset": .string, "fps": .float])),
  ])

  private static let generationConfig = MessageType([
    "temperature": .float, "topP": .float, "topK": .int32, "maxOutputTokens": .int32,
    "candidateCount": .int32, "stopSequences": .list(.string), "seed": .int32,
    "presencePenalty": .float, "frequencyPenalty": .float, "responseMimeType": .string,
    "responseSchema": .message(schema), "responseJsonSchema": .any, "responseLogprobs": .bool,
    "logprobs": .int32,
    "responseModalities": .list(
      .choice(
        "GenerationConfig.Modality", ["MODALITY_UNSPECIFIED", "TEXT", "IMAGE", "AUDIO"])),
    "thinkingConfig": .message(
      MessageType([
        "thinkingBudget": .int32, "includeThoughts": .bool,
        "thinkingLevel": .choice(
          "ThinkingConfig.ThinkingLevel",
          ["THINKING_LEVEL_UNSPECIFIED", "MINIMAL", "LOW", "MEDIUM", "HIGH"]),
      ])),
  ])

  private static let safetySetting = MessageType([
    "category": .choice(
      "HarmCategory",
      [
        "HARM_CATEGORY_UNSPECIFIED", "HARM_CATEGORY_HARASSMENT", "HARM_CATEGORY_HATE_SPEECH",
        "HARM_CATEGORY_SEXUALLY_EXPLICIT", "HARM_CATEGORY_DANGEROUS_CONTENT",
        "HARM_CATEGORY_CIVIC_INTEGRITY",
      ]),
    "threshold": .choice(
      "SafetySetting.HarmBlockThreshold",
      [
        "HARM_BLOCK_THRESHOLD_UNSPECIFIED", "BLOCK_LOW_AND_ABOVE", "BLOCK_MEDIUM_AND_ABOVE",
        "BLOCK_ONLY_HIGH", "BLOCK_NONE", "OFF",
      ]),
  ])

  private static let tool = MessageType([
    "functionDeclarations": .list(
      .message(
        MessageType([
          "name": .string, "description": .string, "parameters": .message(schema),
          "parametersJsonSchema": .any, "response": .message(schema),
          "responseJsonSchema": .any,
          "behavior": .choice(
            "FunctionDeclaration.Behavior", ["UNSPECIFIED", "BLOCKING", "NON_BLOCKING"]),
        ]))),
    "googleSearch": .object, "codeExecution": .object, "urlContext": .object,
  ])

  private static let toolConfig = MessageType([
    "functionCallingConfig": .message(
      MessageType([
        "mode": .choice(
          "FunctionCallingConfig.Mode", ["MODE_UNSPECIFIED", "AUTO", "ANY", "NONE", "VALIDATED"]),
        "allowedFunctionNames": .list(.string),
      ])),
    "retrievalConfig": .object,
  ])

  private static let schema: MessageType = MessageType([
    "type": .choice(
      "Type",
      [
        "TYPE_UNSPECIFIED", "STRING", "NUMBER", "INTEGER", "BOOLEAN", "ARRAY", "OBJECT", "NULL",
      ]),
    "format": .string, "title": .string, "description": .string, "nullable": .bool,
    "enum": .list(.string), "items": .message(RequestSchema.schema), "maxItems": .int64,
    "minItems": .int64, "properties": .map(.message(RequestSchema.schema)),
    "required": .list(.string), "minProperties": .int64, "maxProperties": .int64,
    "minimum": .float, "maximum": .float, "minLength": .int64, "maxLength": .int64,
    "pattern": .string, "example": .any, "anyOf": .list(.message(RequestSchema.schema)),
    "propertyOrdering": .list(.string), "default": .any,
  ])
}
