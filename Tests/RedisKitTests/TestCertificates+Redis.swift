import TestSupport

extension TestCertificates {
  /// The options of a server that shows this certificate.
  func serverOptions(asksForCertificates: Bool = false) -> [String] {
    [
      "--tls-cert-file", certificateFile, "--tls-key-file", keyFile, "--tls-ca-cert-file",
      authorityFile, "--tls-auth-clients", asksForCertificates ? "yes" : "no",
    ]
  }
}
