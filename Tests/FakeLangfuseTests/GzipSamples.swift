/// Exports made by another gzip: a stored block, one with the fixed codes and a file name, and one
/// with codes of its own.
enum GzipSamples {
  static let all = [
    "H4sIAAAAAAAAAwHFADr/eyJyZXNvdXJjZVNwYW5zIjpbeyJzY29wZVNwYW5zIjpbeyJzcGFucyI6W3sidHJhY2VJ"
      + "ZCI6IjViOGVmZmY3OTgwMzgxMDNkMjY5YjYzMzgxM2ZjNjBjIiwic3BhbklkIjoiMDAwMDAwMDAwMDAwMDAwMSIs"
      + "Im5hbWUiOiJuMCIsInN0YXJ0VGltZVVuaXhOYW5vIjoiMSIsImVuZFRpbWVVbml4TmFubyI6IjIiLCJhdHRyaWJ1"
      + "dGVzIjpbXX1dfV19XX105t78xQAAAA==",
    "H4sICAAAAAAAA2EuanNvbgCrVipKLc4vLUpODS5IzCtWsoquVipOzi9A5sJZJUWJyameKUpWSqZJFqlpaWnmlhYG"
      + "xhaGBsYpRmaWSWbGQLZxWrKZQbKSDlgbWK0BKjAEyuUl5qYCZfIMQOpKEotKQjJzU0PzMiv8EvPygRIgNal5KWii"
      + "RkDRxJKSosyk0pJUkItiayEQAHTm3vzFAAAA",
    "H4sIAAAAAAAAA83UsQ7CIBAG4Hdh7kChpdA3cHFRJ+MAFJIOpQ2liUnju0trYk5XHQ6W4+5IvulfSXTzuETrTpMO"
      + "M2mvK5ntOMHnu0pRW3foSEtqI533vlGScllS3jGhjOC55t4Kakmxf9t36ecp8yzoweVJoNte0jGd+8FdQn8/6jDm"
      + "wbbjQvfVZbmrU4q9WZLbRLdH8ScUA6gSC4oDFMOCqgCKY0HVAFVhQQmAqrGgGoASWFASoBosKAVQEgtKA5TCgjIw"
      + "PNFEuoWqnzP9dZ8DgiLTLgcAAA==",
  ]
  static let spanCounts = [1, 1, 12]
}
