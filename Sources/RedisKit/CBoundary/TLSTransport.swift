import CCurl

/// A TLS connection: libcurl's connect-only mode, which does the handshake and the certificate
/// checks and then leaves the stream to us.
final class TLSTransport: Transport {
  /// The most that is handed to the TLS library at a time: one record.
  private static let recordByteCountMax = 16 << 10

  let descriptor: Int32
  // The library keeps what it has decrypted and nobody has read.
  let shortReadEmpties = false
  // How the TLS library writes is not ours to say.
  let maySendFromAnyThread = false
  private var handle: CurlHandle?
  private let record = UnsafeMutableRawBufferPointer.allocate(
    byteCount: recordByteCountMax, alignment: 16)
  /// Bytes of `record` that the library asked to be given again.
  private var pendingCount = 0

  private init(handle: CurlHandle, descriptor: Int32) {
    self.handle = handle
    self.descriptor = descriptor
  }

  deinit { record.deallocate() }

  /// Connects, shakes hands and checks the certificate. Waits, for a thread of its own.
  ///
  /// - Throws: ``RedisError`` with code ``RedisError/Code/connectFailed``.
  static func connect(
    toHost host: String, port: UInt16, _ settings: RedisConfiguration.TLS, until deadline: Int64
  ) throws(RedisError) -> TLSTransport {
    let address = RedisConfiguration.Address.tcp(host: host, port: port)
    func failure(_ reason: String) -> RedisError {
      RedisError(
        code: .connectFailed, reason: "Redis at \(address) cannot be reached over TLS: \(reason)")
    }
    guard let handle = CurlHandle() else { throw failure("there is no memory") }
    let milliseconds = max(1, (deadline - Polling.now()) / 1_000_000)
    let status = handle.connect(
      url: "https://\(address)/", settings, timeout: CLong(milliseconds))
    if let status { throw failure(status) }
    guard let descriptor = handle.socket else { throw failure("it has no socket") }
    return TLSTransport(handle: handle, descriptor: descriptor)
  }

  func receive(into buffer: UnsafeMutableRawBufferPointer) -> Transfer {
    guard let handle else { return .ended("the connection was closed") }
    var count = 0
    let status = curl_easy_recv(handle.raw, buffer.baseAddress, buffer.count, &count)
    switch status {
    case CURLE_AGAIN: return .wouldBlock
    case CURLE_OK where count > 0: return .moved(count)
    case CURLE_OK: return .ended("the server closed the connection")
    default: return .ended(CurlHandle.text(of: status))
    }
  }

  func send(_ bytes: UnsafeRawBufferPointer) -> Transfer {
    guard let handle else { return .ended("the connection was closed") }
    // A record that did not go out must be offered again from the same place with the same length,
    // while our caller's bytes may have moved; they begin with that record all the same.
    if pendingCount == 0 {
      pendingCount = min(bytes.count, record.count)
      record.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<pendingCount]))
    }
    var count = 0
    let status = curl_easy_send(handle.raw, record.baseAddress, pendingCount, &count)
    switch status {
    case CURLE_AGAIN: return .wouldBlock
    case CURLE_OK where count > 0:
      pendingCount = 0
      return .moved(count)
    case CURLE_OK: return .wouldBlock
    default: return .ended(CurlHandle.text(of: status))
    }
  }

  func close() { handle = nil }
}

@available(*, unavailable, message: "A transport belongs to one thread at a time.")
extension TLSTransport: Sendable {}

/// Owns an easy handle and what was lent to it.
private final class CurlHandle {
  private static let isLibraryReady = ccurl_global_init() == CURLE_OK

  let raw: UnsafeMutableRawPointer
  private let errorText = UnsafeMutablePointer<CChar>.allocate(capacity: Int(CURL_ERROR_SIZE))

  init?() {
    guard Self.isLibraryReady, let raw = curl_easy_init() else { return nil }
    self.raw = raw
    errorText.initialize(repeating: 0, count: Int(CURL_ERROR_SIZE))
  }

  deinit {
    curl_easy_cleanup(raw)
    errorText.deallocate()
  }

  /// Nil when the connection stands; otherwise why not.
  func connect(url: String, _ settings: RedisConfiguration.TLS, timeout: CLong) -> String? {
    ccurl_setopt_pointer(raw, CURLOPT_ERRORBUFFER, errorText)
    ccurl_setopt_long(raw, CURLOPT_CONNECT_ONLY, 1)
    ccurl_setopt_long(raw, CURLOPT_NOSIGNAL, 1)
    ccurl_setopt_long(raw, CURLOPT_CONNECTTIMEOUT_MS, timeout)
    ccurl_setopt_long(raw, CURLOPT_SSL_ENABLE_ALPN, 0)
    ccurl_setopt_long(raw, CURLOPT_SSLVERSION, CLong(CURL_SSLVERSION_TLSv1_2))
    // Proxies of the environment are for HTTP.
    let texts: [(CURLoption, String?)] = [
      (CURLOPT_URL, url), (CURLOPT_PROXY, ""), (CURLOPT_CAINFO, settings.authorityFile),
      (CURLOPT_SSLCERT, settings.certificateFile), (CURLOPT_SSLKEY, settings.keyFile),
    ]
    for case (let option, let text?) in texts {
      let status = text.withCString { ccurl_setopt_pointer(raw, option, $0) }
      guard status == CURLE_OK else { return Self.text(of: status) }
    }
    let status = curl_easy_perform(raw)
    guard status != CURLE_OK else { return nil }
    let detail = String(cString: errorText)
    return detail.isEmpty ? Self.text(of: status) : detail
  }

  var socket: Int32? {
    var socket: curl_socket_t = -1
    let status = ccurl_getinfo_pointer(raw, CURLINFO_ACTIVESOCKET, &socket)
    return status == CURLE_OK && socket >= 0 ? socket : nil
  }

  static func text(of status: CURLcode) -> String { String(cString: curl_easy_strerror(status)) }
}
