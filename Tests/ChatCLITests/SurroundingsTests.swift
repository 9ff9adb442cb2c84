import Testing

/// Something foreign that stands around the program, and what it does there.
struct Surrounding: Sendable, CustomTestStringConvertible {
  let name: String
  /// A shell script in which `$0` is the program.
  let script: String
  let code: Int32
  /// What the error stream says; nil when it says nothing of it.
  let says: String?
  /// What the output holds.
  let shows: String

  var testDescription: String { name }

  init(
    _ name: String, _ script: String, code: Int32 = 0, says: String? = nil, shows: String = ""
  ) {
    self.name = name
    self.script = script
    self.code = code
    self.says = says
    self.shows = shows
  }

  private static let ask = #""$0" --quiet ask Bonjour"#
  private static let foreign = "echo 'DATABASE_URL=postgresql://u:hidden@h/d' >.env; "
  private static let around = "« --env-file none » passe outre"
  private static let escape = "dans un mot de passe @ s'écrit %40"

  static let files: [Surrounding] = [
    Surrounding(".env: a word", "echo FOO >.env; \(ask)"),
    Surrounding(".env: a name with a hyphen", "echo my-key=1 >.env; \(ask)"),
    Surrounding(".env: YAML", "echo 'FOO: bar' >.env; \(ask)"),
    Surrounding(".env: shell commands", "printf 'set -a\\nif true; then :; fi\\n' >.env; \(ask)"),
    Surrounding(".env: an open quote", #"echo "FOO='don" >.env; "# + ask),
    Surrounding(".env: JSON", #"echo '{"MAX_SESSIONS": "x"}' >.env; "# + ask),
    Surrounding(".env: bytes", "head -c 4096 /dev/urandom >.env; \(ask)"),
    Surrounding(".env: Latin-1 in a comment", "printf '# caf\\351\\nFOO=1\\n' >.env; \(ask)"),
    Surrounding(
      ".env: Latin-1 in a value of ours", "printf 'SESSION_TTL=\\351\\n' >.env; \(ask)", code: 2,
      says: "SESSION_TTL (.env, ligne 1) : illisible"),
    Surrounding(
      ".env: UTF-16",
      "printf '\\377\\376' >.env; printf 'SESSION_TTL=x\\n' | sed 's/./&\\x00/g' "
        + "| tr '\\n' '\\000' >>.env; printf '\\n\\000' >>.env; \(ask)", code: 2,
      says: "SESSION_TTL (.env, ligne 1)"),
    Surrounding(
      ".env: a byte-order mark, CRLF",
      "printf '\\357\\273\\277SESSION_TTL=60\\r\\n' >.env; "
        + #"printf 'Bonjour\nhistorique\n' | "$0""#, shows: "TTL : 1 minute\n"),
    Surrounding(".env: a folder", "mkdir .env; \(ask)"),
    Surrounding(".env: a pipe", "mkfifo .env; \(ask)"),
    Surrounding(".env: a link to nothing", "ln -s nowhere .env; \(ask)"),
    Surrounding(".env: a device", "ln -s /dev/zero .env; \(ask)"),
    Surrounding(".env: too large", "head -c 2000000 /dev/zero >.env; \(ask)"),
    Surrounding(".env: another database, man", foreign + #""$0" man"#, shows: ".TH CHAT"),
    Surrounding(
      ".env: another database, completion", foreign + #""$0" completion bash"#, shows: "_chat_cli"),
    Surrounding(".env: another database, a turn", foreign + ask, code: 2, says: around),
    Surrounding(
      ".env: another database, without the file",
      foreign + #""$0" --quiet --env-file none ask Bonjour"#),
    Surrounding(
      ".env: another database, doctor", foreign + #""$0" doctor"#, code: 1,
      shows: "❌ DATABASE_URL (.env, ligne 1)"),
    Surrounding(
      "doctor tells what the file sets", #"echo MAX_SESSIONS=4 >.env; "$0" doctor"#,
      shows: ".env définit : MAX_SESSIONS"),
    Surrounding(
      "--env-file: nothing there", #""$0" --env-file nowhere ask x"#, code: 2,
      says: "--env-file nowhere : "),
    Surrounding("--env-file: a folder", #""$0" --env-file . ask x"#, code: 2, says: "attendu"),
    Surrounding(
      "--env-file: a pipe",
      "mkfifo p; echo SESSION_TTL=x >p & "
        + #""$0" --env-file p ask x"#, code: 2, says: "SESSION_TTL (p, ligne 1)"),
  ]

  static let variables: [Surrounding] = [
    Surrounding("REDIS_URL: another service, man", #"REDIS_URL=x "$0" man"#, shows: ".TH"),
    Surrounding("MAX_SESSIONS: a word, completion", #"MAX_SESSIONS=x "$0" completion fish"#),
    Surrounding(
      "a key of the shell, an address of the file",
      "echo GEMINI_BASE_URL=http://127.0.0.1:1 >.env; GEMINI_API_KEY=hidden \(ask)", code: 2,
      says: "cette adresse ne reçoit pas la clé GEMINI_API_KEY (environnement)"),
    Surrounding(
      "a key of the shell, an address of the file, OpenAI",
      "echo OPENAI_BASE_URL=https://example.org >.env; OPENAI_API_KEY=hidden \(ask)", code: 2,
      says: "OPENAI_BASE_URL (.env, ligne 1)"),
    Surrounding(
      "keys of the shell, an address of the file, Langfuse",
      "echo LANGFUSE_HOST=https://example.org >.env; "
        + "LANGFUSE_PUBLIC_KEY=pk LANGFUSE_SECRET_KEY=hidden \(ask)", code: 2,
      says: "LANGFUSE_HOST (.env, ligne 1)"),
    Surrounding(
      "a key in clear", "GEMINI_BASE_URL=http://192.0.2.1 GEMINI_API_KEY=hidden \(ask)", code: 2,
      says: "une clé n'est pas envoyée en clair"),
    Surrounding(
      "a key in clear to a name that looks like this machine's",
      "OPENAI_BASE_URL=http://127.0.0.1.example.org OPENAI_API_KEY=hidden \(ask)", code: 2,
      says: "une clé n'est pas envoyée en clair"),
    Surrounding(
      "traces in clear",
      "LANGFUSE_BASE_URL=http://192.0.2.1 LANGFUSE_PUBLIC_KEY=pk "
        + "LANGFUSE_SECRET_KEY=hidden \(ask)", code: 2, says: "LANGFUSE_BASE_URL (environnement)"),
    Surrounding(
      "traces in clear, OpenTelemetry",
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://192.0.2.1:4318 "
        + #"OTEL_EXPORTER_OTLP_HEADERS=authorization=hidden "$0" ask Bonjour"#,
      says: "⚠️ OTEL_EXPORTER_OTLP_ENDPOINT (environnement) : une clé n'est pas envoyée en clair"),
    Surrounding(
      "OpenTelemetry over gRPC",
      "OTEL_EXPORTER_OTLP_ENDPOINT=http://localhost:4317 "
        + #"OTEL_EXPORTER_OTLP_PROTOCOL=grpc "$0" doctor"#, code: 1,
      shows: "« grpc » n'est pas accepté ; attendu : http/protobuf, http/json"),
    Surrounding(
      "headers that are none",
      "OTEL_EXPORTER_OTLP_ENDPOINT=https://example.org "
        + "OTEL_EXPORTER_OTLP_HEADERS=hidden \(ask)"),
    Surrounding(
      "a password with ? that nobody escaped",
      "DATABASE_URL='mysql://u:a@b/c?hidden@127.0.0.1:1/d' \(ask)", code: 2, says: escape),
    Surrounding(
      "a password with / that nobody escaped",
      "DATABASE_URL='mysql://u:a@b/hidden@127.0.0.1:1/d' \(ask)", code: 2, says: escape),
    Surrounding(
      "a password with / that nobody escaped, Redis",
      "REDIS_URL='redis://:a@b/hidden@127.0.0.1:1/0' \(ask)", code: 2, says: escape),
    Surrounding(
      "a password with # that nobody escaped, an option",
      "DATABASE_URL='mysql://u:x@h/d?hidden#=1' \(ask)", code: 2, says: escape),
    Surrounding("no home", "unset HOME XDG_STATE_HOME; \(ask)"),
    Surrounding("a home that is not there", "HOME=/nowhere XDG_STATE_HOME=/nowhere \(ask)"),
    Surrounding("no variables", #"env -i "$0" --quiet ask Bonjour"#),
    Surrounding("another locale", "LC_ALL=C LANG=C \(ask)", shows: "réponse locale"),
    Surrounding("a folder that is gone", "mkdir gone; cd gone; rmdir ../gone; \(ask)"),
  ]

  static let descriptors: [Surrounding] = [
    Surrounding("no input", "\(ask) <&-", shows: "Bonjour"),
    Surrounding("no output", "\(ask) >&-", code: 1, says: "la sortie ne peut être écrite"),
    Surrounding("no error stream", "\(ask) 2>&-", shows: "Bonjour"),
    Surrounding("nothing at all", "\(ask) <&- >&- 2>&-", code: 1),
    Surrounding("a full disk", "\(ask) >/dev/full", code: 1, says: "la sortie ne peut être écrite"),
    Surrounding("a folder for input", "\(ask) <.", shows: "Bonjour"),
    Surrounding("an endless device for input", "\(ask) </dev/zero", shows: "Bonjour"),
    Surrounding(
      "8 descriptors", "ulimit -n 8; \(ask)", code: 1, says: "trop peu de fichiers ouverts permis"),
    Surrounding("16 descriptors", "ulimit -n 16; \(ask)", code: 1, says: "ulimit -n 64 au moins"),
    Surrounding(
      "200 MB of memory", "ulimit -v 200000; \(ask)", code: 1, says: "trop peu de mémoire permise"),
    Surrounding(
      "50 MB of data", "ulimit -d 50000; \(ask)", code: 1, says: "trop peu de mémoire permise"),
    Surrounding("small stacks", "ulimit -s 64; \(ask)", code: 1, says: "piles trop petites"),
    Surrounding("no files", "ulimit -f 0; \(ask)"),
    Surrounding("no core, low priority", "ulimit -c 0; nice -n 19 \(ask)"),
  ]

  static let inputs: [Surrounding] = [
    Surrounding(
      "a byte-order mark", #"printf '\357\273\277historique\n' | "$0" --quiet"#,
      shows: "Aucune session active"),
    Surrounding("piped text", "echo PANNE | \(ask) --json", shows: #""Bonjour\n\nPANNE""#),
    Surrounding("a file", "echo PANNE >log; \(ask) --json <log", shows: #""Bonjour\n\nPANNE""#),
    Surrounding(
      "a dash", #"printf 'un\ndeux\n' | "$0" --quiet --json ask -"#, shows: #""un\ndeux""#),
    Surrounding(
      "a text and a dash", #"printf '\357\273\277un\n' | "$0" --quiet --json ask Quoi -"#,
      shows: #""Quoi\n\nun""#),
    Surrounding(
      "a dash and nothing", #""$0" --quiet ask - </dev/null"#, code: 2, says: "un message vide"),
    Surrounding("a silent pipe", "mkfifo p; exec 3<>p; \(ask) <p", says: "Rien n'est venu"),
    Surrounding(
      "a slow pipe", "{ echo un; sleep 2; echo deux; } | \(ask) --json",
      shows: #""Bonjour\n\nun\ndeux""#),
    Surrounding("lines without end", "yes | \(ask)", code: 2, says: "dépasse 16 Mio"),
    Surrounding(
      "CRLF and marks between files",
      #"printf '\357\273\277a\r\n\357\273\277b\r\n' | "#
        + ask + " --json", shows: #""Bonjour\n\na\nb""#),
    Surrounding("bytes", "printf '\\377' | \(ask)", code: 2, says: "pas du texte en UTF-8"),
    Surrounding(
      "UTF-16", #"printf '\377\376h\0i\0' | "$0" --quiet ask -"#, code: 2,
      says: "pas du texte en UTF-8"),
  ]
}

@Suite("C7: in foreign surroundings the program works, or says in one line why not")
struct SurroundingsTests {
  private func check(_ surrounding: Surrounding) async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let result = try await program.shell(surrounding.script)
    #expect(result.code == surrounding.code, "\(result.errors)")
    #expect(result.output.contains(surrounding.shows), "\(result.output)")
    #expect(!result.output.contains("hidden") && !result.errors.contains("hidden"))
    if let says = surrounding.says { #expect(result.errors.contains(says), "\(result.errors)") }
    if surrounding.code != 0, !result.errors.isEmpty {
      #expect(result.errors.split(separator: "\n").count == 1, "\(result.errors)")
    }
  }

  @Test("Files that are named like ours", arguments: Surrounding.files)
  func files(_ surrounding: Surrounding) async throws { try await check(surrounding) }

  @Test("Variables, homes and folders", arguments: Surrounding.variables)
  func variables(_ surrounding: Surrounding) async throws { try await check(surrounding) }

  @Test("Descriptors and limits of the system", arguments: Surrounding.descriptors)
  func descriptors(_ surrounding: Surrounding) async throws { try await check(surrounding) }

  @Test(
    "C6: what comes on the standard input is part of the question", arguments: Surrounding.inputs)
  func inputs(_ surrounding: Surrounding) async throws { try await check(surrounding) }

  @Test("There are more than forty of them")
  func count() {
    let all =
      Surrounding.files + Surrounding.variables + Surrounding.descriptors + Surrounding.inputs
    #expect(all.count > 40)
  }

  @Test(
    "Terminals that are poor, unknown or tiny",
    arguments: [
      ("dumb", 80, 24), ("", 80, 24), ("unknown-terminal", 80, 24), ("xterm", 1, 1),
      ("xterm", 20, 3), ("xterm", 0, 0), ("xterm", 500, 200),
    ])
  func terminals(term: String, columns: Int, rows: Int) async throws {
    var program = try ChatProgram()
    defer { program.cleanUp() }
    program.environment["TERM"] = term
    let running = try program.startInTerminal("--quiet", columns: columns, rows: rows)
    #expect(await running.waits(for: "> "))
    running.send("Bonjour\r")
    #expect(await running.waits(for: "Posez"))
    running.send("\u{04}")
    #expect(await running.end().code == 0)
  }
}
