extension Refusal {
  /// The bodies of status 429 and of its capacity forms.
  func quotaBody(model: String) -> ErrorBody? {
    switch kind {
    case .quota(let violations):
      return exhausted(violations, model: model, inDetails: detailDelay, inMessage: messageDelay)
    case .quotaMessageDelay:
      return exhausted(
        [.minute], model: model, inDetails: nil, inMessage: retryDelay ?? "900ms")
    case .quotaNoDelay: return exhausted([.minute], model: model, inDetails: nil, inMessage: nil)
    case .quotaLimit0:
      return exhausted(
        [.requestsPerDay(0), .requestsPerMinute(0)], model: model, inDetails: detailDelay,
        inMessage: messageDelay)
    case .quotaNoID:
      return ErrorBody(
        code: 429, status: "RESOURCE_EXHAUSTED", message: Self.firstSentence,
        details: [
          ["@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": [[:]]]
        ])
    case .quotaBare:
      return ErrorBody(
        code: 429, status: "RESOURCE_EXHAUSTED",
        message: "Resource has been exhausted (e.g. check quota).")
    case .capacity(let code):
      return ErrorBody(
        code: code, status: code == 429 ? "RESOURCE_EXHAUSTED" : "UNAVAILABLE",
        message: "No capacity available for model \(model) on the server",
        details: [
          [
            "@type": "type.googleapis.com/google.rpc.ErrorInfo",
            "reason": "MODEL_CAPACITY_EXHAUSTED", "domain": "googleapis.com",
            "metadata": ["model": .string(model)],
          ]
        ])
    default: return nil
    }
  }

  private static let firstSentence =
    "You exceeded your current quota, please check your plan and billing details. For more "
    + "information on this error, head to: https://ai.google.dev/gemini-api/docs/rate-limits. To "
    + "monitor your current usage, head to: https://ai.dev/rate-limit. "

  private var isOfDay: Bool {
    if case .quota(let violations) = kind { violations.contains(.day) } else { false }
  }

  // A day's refusal was captured with the delay cut to seconds in the details, a minute's with all
  // nine digits in both places.
  private var detailDelay: String { retryDelay ?? (isOfDay ? "17s" : "34.074824224s") }
  private var messageDelay: String {
    retryDelay ?? (isOfDay ? "17.984925417s" : "34.074824224s")
  }

  private func exhausted(
    _ violations: [QuotaViolation], model: String, inDetails: String?, inMessage: String?
  ) -> ErrorBody {
    var message = Self.firstSentence
    for violation in violations {
      message +=
        "\n* Quota exceeded for metric: \(violation.metric), limit: \(violation.limit), "
        + "model: \(model)"
    }
    if let inMessage { message += "\nPlease retry in \(inMessage)." }
    let listed: [JSONDocument] = violations.map { violation in
      [
        "quotaMetric": .string(violation.metric), "quotaId": .string(violation.id),
        "quotaDimensions": ["location": "global", "model": .string(model)],
        "quotaValue": .string(String(violation.limit)),
      ]
    }
    var details: [JSONDocument] = [
      [
        "@type": "type.googleapis.com/google.rpc.Help",
        "links": [
          [
            "description": "Learn more about Gemini API quotas",
            "url": "https://ai.google.dev/gemini-api/docs/rate-limits",
          ]
        ],
      ],
      [
        "@type": "type.googleapis.com/google.rpc.QuotaFailure", "violations": .array(listed),
      ],
    ]
    if let inDetails {
      details.append(
        ["@type": "type.googleapis.com/google.rpc.RetryInfo", "retryDelay": .string(inDetails)])
    }
    return ErrorBody(
      code: 429, status: "RESOURCE_EXHAUSTED", message: message, details: details)
  }
}
