import Testing

@testable import chat_cli

/// One command line with something wrong in it, and what is said.
struct BadInput: Sendable, CustomTestStringConvertible {
  let arguments: [String]
  var environment: [String: String] = [:]
  var dotEnv = ""
  let french: String

  var testDescription: String {
    ([arguments.joined(separator: " ")] + environment.map { "\($0)=\($1)" } + [dotEnv])
      .joined(separator: " ")
  }

  init(_ arguments: String..., says french: String) {
    self.arguments = arguments
    self.french = french
  }

  init(variable name: String, _ value: String, says french: String) {
    arguments = []
    environment = [name: value]
    self.french = french
  }

  init(dotEnv: String, says french: String) {
    arguments = []
    self.dotEnv = dotEnv
    self.french = french
  }

  static let help = "« chat-cli --help » donne la liste"
  static let shells = "bash|zsh|fish"
  static let key =
    "cette valeur n'est pas acceptée ; attendu : une clé sans espaces ni accents"
  static let sessions = "un nombre de sessions, de 1 à 10000"
  static let seconds = "un nombre entier de secondes, de 1 à 315360000"
  static let uuid = "un UUID, comme 8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a"
  static let thread = "un UUID, ses 4 premiers caractères au moins, ou un numéro de la liste"
  static let models = "des noms de modèles séparés par des virgules, comme gemini-3.5-flash-lite"
  static let user = "un nom de 1 à 255 caractères, sans blanc au début ni à la fin"
  static let commands =
    "chat, ask, sessions, historique, threads, show, resume, rename, delete, fork, pin, feedback, "
    + "export, import, forget, prune, adopt, schema, demo, doctor, completion, man"

  static let without = " ; « --env-file none » passe outre"

  static func not(_ place: String, _ value: String, _ expected: String) -> String {
    "\(place) : « \(value) » n'est pas accepté ; attendu : \(expected)"
  }

  static let all: [BadInput] = [
    // Flags
    BadInput("--bogus", says: "option inconnue « --bogus » ; « chat-cli --help » donne la liste"),
    BadInput("--sesion", says: "option inconnue « --sesion » ; vouliez-vous dire --session ?"),
    BadInput(
      "--max-session=3",
      says: "option inconnue « --max-session » ; vouliez-vous dire --max-sessions ?"),
    BadInput("--Lang", "fr", says: "option inconnue « --Lang » ; vouliez-vous dire --lang ?"),
    BadInput("-x", says: "option inconnue « -x » ; « chat-cli --help » donne la liste"),
    BadInput("-1", says: "option inconnue « -1 » ; « chat-cli --help » donne la liste"),
    BadInput("--=3", says: "option inconnue « -- » ; « chat-cli --help » donne la liste"),
    BadInput("-json", says: "option inconnue « -json » ; vouliez-vous dire --json ?"),
    BadInput("--json=yes", says: "--json ne prend pas de valeur"),
    BadInput("--quiet=", says: "--quiet ne prend pas de valeur"),
    BadInput("--ttl", says: "--ttl demande une valeur : SECONDES"),
    BadInput("--redis", "--mysql", "mysql://x", says: "--redis demande une valeur : URL"),
    BadInput("--session", "--", "x", says: "--session demande une valeur : UUID"),
    BadInput(
      "show", "--limit", "3", "8e1f",
      says: "--limit ne va pas avec « show » ; seulement avec : threads"),
    BadInput(
      "threads", "--session", "x",
      says: "--session ne va pas avec « threads » ; seulement avec : chat, ask, sessions"),
    BadInput("--fast", says: "--fast ne va pas avec « chat » ; seulement avec : demo"),
    BadInput(
      "threads", "--comment", "x",
      says: "--comment ne va pas avec « threads » ; seulement avec : feedback"),
    BadInput(
      "--esc\u{1B}[2J\n",
      says: "option inconnue « --esc�[2J� » ; « chat-cli --help » donne la liste"),
    BadInput(
      "--" + String(repeating: "x", count: 100),
      says:
        "option inconnue « --\(String(repeating: "x", count: 58))… » ; \(help)"
    ),
    // Commands and operands
    BadInput("tread", says: "commande inconnue « tread » ; vouliez-vous dire « threads » ?"),
    BadInput("SHOW", says: "commande inconnue « SHOW » ; vouliez-vous dire « show » ?"),
    BadInput("Bonjour", says: "commande inconnue « Bonjour » ; acceptées : \(commands)"),
    BadInput("", says: "commande inconnue «  » ; acceptées : \(commands)"),
    BadInput("ask", says: "il manque le texte ; attendu : chat-cli ask TEXTE…|-"),
    BadInput("ask", " ", "\t", says: "il manque le texte ; attendu : chat-cli ask TEXTE…|-"),
    BadInput("show", says: "il manque la discussion ; attendu : chat-cli show DISCUSSION"),
    BadInput("show", "8e1f", "x", says: "« x » est de trop ; attendu : chat-cli show DISCUSSION"),
    BadInput("sessions", "x", says: "« x » est de trop ; attendu : chat-cli sessions"),
    BadInput("chat", "Bonjour", says: "« Bonjour » est de trop ; attendu : chat-cli chat"),
    BadInput(
      "rename", "8e1f", says: "il manque le texte ; attendu : chat-cli rename DISCUSSION NOM…"),
    BadInput("rename", says: "il manque la discussion ; attendu : chat-cli rename DISCUSSION NOM…"),
    BadInput("show", "8e", says: not("DISCUSSION", "8e", thread)),
    BadInput("show", "0", says: not("DISCUSSION", "0", thread)),
    BadInput("show", "voyage", says: not("DISCUSSION", "voyage", thread)),
    BadInput(
      "resume", "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a0",
      says: not("DISCUSSION", "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0a0", thread)),
    BadInput("delete", "", says: not("DISCUSSION", "", thread)),
    BadInput("pin", "8e1f", "oui", says: not("pin", "oui", "on, off")),
    BadInput("feedback", "8e1f", "bien", says: not("feedback", "bien", "up, down, none")),
    BadInput(
      "feedback", "8e1f",
      says: "il manque up, down, none ; attendu : chat-cli feedback DISCUSSION up|down|none"),
    BadInput(
      "completion", says: "il manque bash, zsh, fish ; attendu : chat-cli completion \(shells)"),
    BadInput("completion", "tcsh", says: not("completion", "tcsh", "bash, zsh, fish")),
    BadInput("export", "a", "b", says: "« b » est de trop ; attendu : chat-cli export [FICHIER]"),
    BadInput("forget", says: "il manque l'utilisateur ; attendu : chat-cli forget UTILISATEUR"),
    BadInput("forget", " x", says: not("UTILISATEUR", " x", user)),
    BadInput(
      "import", "--dry-run",
      says: "--dry-run ne va pas avec « import » ; seulement avec : forget, "
        + "prune, adopt"),
    BadInput("prune", says: "il manque les jours ; attendu : chat-cli prune JOURS"),
    BadInput("prune", "0", says: not("JOURS", "0", "un nombre de jours, de 1 à 36500")),
    BadInput("prune", "un", says: not("JOURS", "un", "un nombre de jours, de 1 à 36500")),
    BadInput("prune", "30", "x", says: "« x » est de trop ; attendu : chat-cli prune JOURS"),
    // Values of flags
    BadInput("--session", "8e1f", says: not("--session", "8e1f", uuid)),
    BadInput(
      "--session", "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0g",
      says: not("--session", "8e1f7616-1b2c-4d3e-8f4a-5b6c7d8e9f0g", uuid)),
    BadInput("--max-sessions", "0", says: not("--max-sessions", "0", sessions)),
    BadInput("--max-sessions", "-3", says: not("--max-sessions", "-3", sessions)),
    BadInput("--max-sessions", "3.5", says: not("--max-sessions", "3.5", sessions)),
    BadInput(
      "--max-sessions", "99999999999999999999",
      says: not("--max-sessions", "99999999999999999999", sessions)),
    BadInput("--ttl", "1h", says: not("--ttl", "1h", seconds)),
    BadInput("--ttl", "+5", says: not("--ttl", "+5", seconds)),
    BadInput("--ttl", "٣", says: not("--ttl", "٣", seconds)),
    BadInput("--ttl=", says: not("--ttl", "", seconds)),
    BadInput("--lang", "de", says: not("--lang", "de", "fr ou en")),
    BadInput("--user", "", says: not("--user", "", user)),
    BadInput("--user", " awa", says: not("--user", " awa", user)),
    BadInput("--model", "", says: not("--model", "", models)),
    BadInput("--model", "a,,b", says: not("--model", "a,,b", models)),
    BadInput("--model", "../../x", says: not("--model", "../../x", models)),
    BadInput("threads", "--limit", "0", says: not("--limit", "0", "un nombre, de 1 à 1000")),
    BadInput("threads", "--search", "!!", says: not("--search", "!!", "au moins un mot")),
    BadInput("threads", "--feedback", "bon", says: not("--feedback", "bon", "up ou down")),
    BadInput(
      "threads", "--search", "x", "--feedback", "up",
      says: "--search et --feedback ne vont pas ensemble"),
    // The environment and .env
    BadInput(
      variable: "MAX_SESSIONS", "beaucoup",
      says: not("MAX_SESSIONS (environnement)", "beaucoup", sessions)),
    BadInput(variable: "SESSION_TTL", "0", says: not("SESSION_TTL (environnement)", "0", seconds)),
    BadInput(
      variable: "REDIS_PORT", "70000",
      says: not("REDIS_PORT (environnement)", "70000", "un port, de 1 à 65535")),
    BadInput(
      variable: "REDIS_HOST", "a b",
      says: not("REDIS_HOST (environnement)", "a b", "un nom de machine ou une adresse IP")),
    BadInput(
      variable: "GEMINI_API_KEY", "clé secrète",
      says:
        "GEMINI_API_KEY (environnement) : \(key)"
    ),
    BadInput(
      dotEnv: "A=1\nSESSION_TTL=soon",
      says: not("SESSION_TTL (.env, ligne 2)", "soon", seconds) + without),
    BadInput(
      dotEnv: "GOOGLE_API_KEY=\"a\nb\"",
      says:
        "GOOGLE_API_KEY (.env, ligne 1) : \(key)\(without)"
    ),
    BadInput(
      dotEnv: "foo\nSESSION_TTL='60",
      says: "SESSION_TTL (.env, ligne 2) : illisible ; attendu : NOM=valeur, en UTF-8" + without),
    BadInput(
      "--model", "gemini-2.5-flash",
      says: "--model gemini-2.5-flash : il manque GEMINI_API_KEY"),
    BadInput(
      "--model", "llama3:8b",
      says: "--model llama3:8b : il manque OPENAI_API_KEY ou OPENAI_BASE_URL"),
  ]

  /// Addresses that hold a secret and cannot be addresses; the kits say why.
  static let addresses: [(name: String, url: String)] = [
    ("--redis", "http://u:hidden@localhost"), ("--redis", "redis://:hidden@host:99999"),
    ("--redis", "hidden"), ("--redis", ""), ("--mysql", "mysql://u:hidden@"),
    ("--mysql", "postgres://u:hidden@localhost/d"), ("--mysql", "mysql://u:hidden@host:x/d"),
    ("--mysql", ""), ("REDIS_URL", "redis//hidden"), ("DATABASE_URL", "mysql:/hidden"),
    ("GEMINI_BASE_URL", "ftp://hidden"),
    ("OPENAI_BASE_URL", "hidden"), ("LANGFUSE_HOST", "ftp://hidden"),
  ]
}

@Suite("C5: bad input is one line that names it, and exit code 2")
struct BadInputTests {
  @Test("Every kind of bad input", arguments: BadInput.all)
  func badInput(_ input: BadInput) {
    let error = #expect(throws: UsageError.self) {
      try Line(input.arguments, environment: input.environment, dotEnv: input.dotEnv)
    }
    #expect(error?.message.french == input.french)
    #expect(error?.message.english != input.french)
    for text in [error?.message.french, error?.message.english] {
      #expect(text?.contains("\n") == false)
      #expect(text?.contains("secrète") == false)
    }
  }

  @Test("There are more than sixty of them")
  func count() { #expect(BadInput.all.count + BadInput.addresses.count >= 60) }

  @Test("An address is not shown, for it may hold a password", arguments: BadInput.addresses)
  func address(name: String, url: String) {
    let isFlag = name.hasPrefix("--")
    var environment = [
      "GEMINI_API_KEY": "test-key", "LANGFUSE_PUBLIC_KEY": "pk", "LANGFUSE_SECRET_KEY": "sk",
    ]
    if !isFlag { environment[name] = url }
    let error = #expect(throws: UsageError.self) {
      try Line(isFlag ? [name, url] : [], environment: environment)
    }
    let place = isFlag ? name : "\(name) (environnement)"
    #expect(error?.message.french.hasPrefix("\(place) : ") == true)
    #expect(error?.message.french.contains("hidden") == false)
    #expect(error?.message.french.contains("test-key") == false)
  }

  @Test("The program says it on stderr alone, in either language, and ends with 2")
  func program() async throws {
    let program = try ChatProgram(environment: ["SESSION_TTL": "soon"])
    defer { program.cleanUp() }
    try program.write("MAX_SESSIONS=x\n", to: ".env")
    for (language, line) in [
      (
        "fr",
        "chat-cli : \(BadInput.not("MAX_SESSIONS (.env, ligne 1)", "x", BadInput.sessions))"
          + "\(BadInput.without)\n"
      ),
      (
        "en",
        "chat-cli: MAX_SESSIONS (.env, line 1): 'x' is not accepted; "
          + "expected: a number of sessions, 1 to 10000; '--env-file none' does without\n"
      ),
    ] {
      let result = try await program.run("ask", "Bonjour", "--lang", language)
      #expect(result.code == 2)
      #expect(result.output == "")
      #expect(result.errors == line)
    }
  }

  @Test("An argument that is no text is bad input too")
  func notText() async throws {
    let program = try ChatProgram()
    defer { program.cleanUp() }
    let argument = try await program.shell("exec \"$0\" ask \"$(printf '\\377')\"")
    #expect(argument.code == 2)
    #expect(argument.errors == "chat-cli : l'argument 2 n'est pas un texte en UTF-8\n")
  }

  @Test("A suggestion is near, or is none")
  func suggestions() {
    let names = ["threads", "show", "resume"]
    #expect(Suggestion.nearest(to: "thread", among: names) == "threads")
    #expect(Suggestion.nearest(to: "shwo", among: names) == "show")
    #expect(Suggestion.nearest(to: "xyz", among: names) == nil)
    #expect(Suggestion.distance("abc", "acb") == 1)
    #expect(Suggestion.distance("", "abc") == 3)
  }
}
