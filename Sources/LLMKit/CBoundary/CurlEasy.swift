import CCurl
import SessionCore

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// Owns the `CURL` of one transfer, and all memory that it points to.
///
/// Lives on the engine's thread alone.
final class CurlEasy {
  let raw: UnsafeMutableRawPointer
  let transfer: HTTPTransfer
  let deadlines: HTTPDeadlines

  /// When the present silence of the server began, by the engine's clock.
  var silentSince: ContinuousClock.Instant
  /// When the transfer is ended, whatever it is doing.
  var endsBefore: ContinuousClock.Instant?
  /// Whether any byte of the response has come.
  var hasAnswered = false
  /// Whether bytes came since the engine last looked.
  var sawBytes = false
  /// Bytes of the body that came since the reader was last woken; nil before the first.
  private var untoldByteCount: Int?
  /// libcurl reads on for as long as there is something to read, so the reader is not left to sleep
  /// until it is done.
  private static let untoldByteCountMax = 16 << 10
  /// Whether the transfer waits for its reader, which is no silence of the server's.
  private(set) var isPaused = false

  private let errorText: UnsafeMutablePointer<CChar>
  private var headerList: UnsafeMutablePointer<curl_slist>?
  private var head = HTTPHeadParser()

  /// Sets up the transfer; nothing is sent yet.
  init(
    _ request: HTTPRequest, _ transfer: HTTPTransfer, now: ContinuousClock.Instant
  ) throws(HTTPError) {
    guard let raw = curl_easy_init() else {
      throw HTTPError(code: .outOfResources, reason: "libcurl could not make a handle")
    }
    self.raw = raw
    self.transfer = transfer
    deadlines = request.deadlines
    silentSince = now
    errorText = .allocate(capacity: Int(CURL_ERROR_SIZE))
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
    try setOptions(request)
  }

  deinit {
    curl_easy_cleanup(raw)
    curl_slist_free_all(headerList)
    errorText.deallocate()
  }

  /// The object behind a handle that libcurl gives back.
  static func owner(of raw: UnsafeMutableRawPointer) -> CurlEasy? {
    var context: UnsafeMutableRawPointer?
    guard ccurl_getinfo_pointer(raw, CURLINFO_PRIVATE, &context) == CURLE_OK, let context else {
      return nil
    }
    return Unmanaged<CurlEasy>.fromOpaque(context).takeUnretainedValue()
  }

  /// What a failed transfer says, most precise text first.
  func failure(_ code: CURLcode) -> HTTPError {
    let detail = String(cString: errorText)
    let reason = detail.isEmpty ? String(cString: curl_easy_strerror(code)) : detail
    return HTTPError(code: .init(code, hasAnswered: hasAnswered), reason: reason)
  }

  /// Wakes the reader if there is something new for it.
  func tellReader() {
    guard let count = untoldByteCount, count > 0 else { return }
    untoldByteCount = 0
    transfer.wakeReader()
  }

  func resume() {
    sawBytes = true
    isPaused = false
    curl_easy_pause(raw, Int32(CURLPAUSE_CONT))
  }

  private func setOptions(_ request: HTTPRequest) throws(HTTPError) {
    let context = Unmanaged.passUnretained(self).toOpaque()
    try set(CURLOPT_PRIVATE, context)
    try set(CURLOPT_ERRORBUFFER, errorText)
    try check(ccurl_allow_http_only(raw))
    try check(ccurl_leave_lookup_behind(raw))
    try set(CURLOPT_NOSIGNAL, 1)
    // Redirects stay unfollowed (the default): they would carry the key to another host.
    try set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
    try set(CURLOPT_SSL_VERIFYPEER, 1)
    try set(CURLOPT_SSL_VERIFYHOST, 2)
    try set(CURLOPT_SUPPRESS_CONNECT_HEADERS, 1)
    // A model may think for minutes: what keeps state on the way must see the connection live.
    try set(CURLOPT_TCP_KEEPALIVE, 1)
    // To libcurl 0 is no deadline at all.
    try set(CURLOPT_CONNECTTIMEOUT_MS, max(1, Int(request.deadlines.connect.wholeMilliseconds)))
    if let total = request.deadlines.total {
      try set(CURLOPT_TIMEOUT_MS, max(1, Int(total.wholeMilliseconds)))
    }
    try set(CURLOPT_URL, text: request.url)
    if let file = request.certificateAuthorityFile { try set(CURLOPT_CAINFO, text: file) }
    try setBody(request)
    try setHeaders(request)
    try check(
      ccurl_setopt_data_callback(raw, CURLOPT_WRITEFUNCTION) { data, size, count, context in
        CurlEasy.receive(data, size * count, context) { $0.take(body: $1) }
      })
    try set(CURLOPT_WRITEDATA, context)
    try check(
      ccurl_setopt_data_callback(raw, CURLOPT_HEADERFUNCTION) { data, size, count, context in
        CurlEasy.receive(data, size * count, context) { $0.take(headerLine: $1) }
      })
    try set(CURLOPT_HEADERDATA, context)
  }

  private func setBody(_ request: HTTPRequest) throws(HTTPError) {
    switch request.method {
    case .get: break
    case .delete: try set(CURLOPT_CUSTOMREQUEST, text: "DELETE")
    case .post:
      try set(CURLOPT_POST, 1)
      try check(
        ccurl_setopt_offset(raw, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(request.body.count)))
      try check(
        request.body.withUnsafeBytes {
          ccurl_setopt_pointer(
            raw, CURLOPT_COPYPOSTFIELDS, $0.baseAddress ?? UnsafeRawPointer(errorText))
        })
    }
  }

  private func setHeaders(_ request: HTTPRequest) throws(HTTPError) {
    // A body above 1 MiB would wait for "100 Continue" first.
    for line in ["Expect:"] + request.headers.map({ "\($0.name): \($0.value.revealed)" }) {
      guard let longer = curl_slist_append(headerList, line) else {
        throw HTTPError(code: .outOfResources, reason: "no memory for the request's headers")
      }
      headerList = longer
    }
    try check(ccurl_setopt_pointer(raw, CURLOPT_HTTPHEADER, headerList))
  }

  private func set(_ option: CURLoption, _ value: Int) throws(HTTPError) {
    try check(ccurl_setopt_long(raw, option, value))
  }

  private func set(_ option: CURLoption, _ value: UnsafeMutableRawPointer) throws(HTTPError) {
    try check(ccurl_setopt_pointer(raw, option, value))
  }

  private func set(_ option: CURLoption, text: String) throws(HTTPError) {
    // libcurl keeps a copy.
    try check(text.withCString { ccurl_setopt_pointer(raw, option, $0) })
  }

  private func check(_ code: CURLcode) throws(HTTPError) {
    guard code == CURLE_OK else { throw failure(code) }
  }

  private static func receive(
    _ data: UnsafeMutablePointer<CChar>?, _ count: Int, _ context: UnsafeMutableRawPointer?,
    _ take: (CurlEasy, UnsafeRawBufferPointer) -> Int
  ) -> Int {
    guard let data, let context else { return 0 }
    let easy = Unmanaged<CurlEasy>.fromOpaque(context).takeUnretainedValue()
    return take(easy, UnsafeRawBufferPointer(start: data, count: count))
  }

  /// Returns what libcurl expects: the count when all was taken, PAUSE, or less to break off.
  private func take(body bytes: UnsafeRawBufferPointer) -> Int {
    sawBytes = true
    hasAnswered = true
    let reception = transfer.receive(bytes)
    let isFirst = untoldByteCount == nil
    let untold = (untoldByteCount ?? 0) + bytes.count
    untoldByteCount = untold
    if isFirst || untold >= Self.untoldByteCountMax { tellReader() }
    // The first bytes are what somebody waits for the most: the reader may have been put behind
    // this thread, which would go on reading for as long as more comes.
    if isFirst { sched_yield() }
    switch reception {
    case .taken: return bytes.count
    case .full:
      isPaused = true
      return Int(CURL_WRITEFUNC_PAUSE)
    case .refused: return 0
    }
  }

  private func take(headerLine bytes: UnsafeRawBufferPointer) -> Int {
    sawBytes = true
    hasAnswered = true
    switch head.feed(bytes) {
    case .more: return bytes.count
    case .complete(let head):
      transfer.receive(head)
      return bytes.count
    case .tooLong:
      transfer.refuse(HTTPError(code: .tooLarge, reason: "the response's headers are too long"))
      return 0
    }
  }
}

@available(*, unavailable, message: "A libcurl handle stays on the engine's thread.")
extension CurlEasy: Sendable {}

extension HTTPError.Code {
  init(_ code: CURLcode, hasAnswered: Bool) {
    switch code {
    case CURLE_URL_MALFORMAT, CURLE_UNSUPPORTED_PROTOCOL: self = .invalidRequest
    case CURLE_COULDNT_RESOLVE_HOST, CURLE_COULDNT_RESOLVE_PROXY, CURLE_COULDNT_CONNECT:
      self = .unreachable
    case CURLE_OPERATION_TIMEDOUT: self = .timedOut
    case CURLE_PEER_FAILED_VERIFICATION, CURLE_SSL_CONNECT_ERROR, CURLE_SSL_CACERT_BADFILE,
      CURLE_SSL_CERTPROBLEM, CURLE_SSL_CIPHER, CURLE_SSL_ENGINE_NOTFOUND,
      CURLE_SSL_ENGINE_SETFAILED, CURLE_SSL_CRL_BADFILE, CURLE_SSL_ISSUER_ERROR,
      CURLE_SSL_INVALIDCERTSTATUS:
      self = .insecure
    case CURLE_OUT_OF_MEMORY, CURLE_FAILED_INIT: self = .outOfResources
    default: self = .connectionLost
    }
  }
}
