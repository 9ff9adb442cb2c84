import SessionCore
import TerminalKit

extension Texts {
  /// Threads by day, as the side bars of chat programs show them.
  ///
  /// - Parameters:
  ///   - isNumbered: Whether they are the first of the list, so that a number names one.
  ///   - now: Decides which day is today.
  func threads(_ threads: [ThreadSummary], isNumbered: Bool, now: Timestamp) -> String {
    guard !threads.isEmpty else { return noThreads }
    let today = LocalTime(now).date
    let yesterday = LocalTime.dayBefore(now).date
    var lines: [String] = []
    var heading = ""
    for (index, thread) in threads.enumerated() {
      let time = LocalTime(thread.lastActivity)
      let day =
        switch time.date {
        case today: language("Aujourd'hui", "Today")
        case yesterday: language("Hier", "Yesterday")
        default: language("Plus tôt", "Earlier")
        }
      if day != heading {
        if !lines.isEmpty { lines.append("") }
        lines.append(day)
        heading = day
      }
      let isRecent = time.date == today || time.date == yesterday
      let number = isNumbered ? "\(index + 1)." : "-"
      let padding = String(repeating: " ", count: max(0, 4 - number.count))
      let name = thread.name.map { UsageError.shortened($0) } ?? unnamed
      lines.append(
        "\(padding)\(number) \(isRecent ? time.time : time.date)  \(name)"
          + " (\(messages(thread.messageCount)))  \(thread.id.description.prefix(8))")
    }
    return lines.joined(separator: "\n")
  }

  /// The line above a message, which says who, when and how.
  func heading(_ message: Message) -> String {
    var heading = [speaker(message.role), LocalTime(message.createdAt).dayAndTime]
    if let call = message.resultOf { heading.append(call.name) }
    if let model = message.answer?.model { heading.append(model) }
    if let state = message.answer.flatMap({ state($0.state) }) { heading.append(state) }
    return "── \(heading.joined(separator: " · "))"
  }

  /// A tool that a model calls, with the beginning of what it is given.
  func toolCall(_ call: ToolCall) -> String {
    "🔧 \(call.name) \(UsageError.shortened(call.arguments))"
  }

  /// A tool that was called and gave no result.
  func interrupted(_ call: ToolCall) -> String {
    language(
      "⚠️ L'appel de l'outil \(call.name) a été interrompu",
      "⚠️ The call of the tool \(call.name) was interrupted")
  }

  /// The head of a thread that is shown.
  func head(_ thread: ThreadSummary) -> String {
    "\(thread.name ?? unnamed) · \(messages(thread.messageCount)) · \(thread.id)"
  }

  /// A thread that a search found, with the piece of text below it.
  ///
  /// - Parameter mark: Makes a word that was searched for stand out.
  func hit(_ hit: SearchHit, _ mark: (String) -> String) -> String {
    let thread = hit.thread
    let name = thread.name.map { UsageError.shortened($0) } ?? unnamed
    let id = thread.id.description.prefix(8)
    let date = LocalTime(thread.lastActivity).date
    let snippet = hit.snippet.parts.map { part in
      let text = StandardStreams.harmless(part.text)
      return part.isMatch ? mark(text) : text
    }.joined()
    return "\(id)  \(date)  \(name) (\(messages(thread.messageCount)))\n          \(snippet)"
  }
}
