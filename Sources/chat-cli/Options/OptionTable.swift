import LLMKit

/// What the command line accepts: the one description that the parser, `--help`, the completions
/// and the manual page are made from.
enum OptionTable {
  static let options: [OptionDescription] = [
    OptionDescription(
      .redis, value: Phrase("URL"), variables: ["REDIS_URL", "REDIS_HOST", "REDIS_PORT"],
      help: Phrase("serveur des sessions, redis://…", "server of the sessions, redis://…")),
    OptionDescription(
      .mysql, value: Phrase("URL"), variables: ["DATABASE_URL"],
      help: Phrase("base de l'archive, mysql://…", "database of the archive, mysql://…")),
    OptionDescription(
      .user, value: Phrase("NOM", "NAME"),
      help: Phrase(
        "qui parle ; par défaut l'utilisateur du système",
        "who speaks; by default the system's user")),
    OptionDescription(
      .session, value: Phrase("UUID"),
      help: Phrase(
        "la conversation ; nouvelle par défaut", "the conversation; a new one by default"),
      commands: [.chat, .ask, .sessions]),
    OptionDescription(
      .maxSessions, value: Phrase("N"), variables: ["MAX_SESSIONS"],
      help: Phrase("sessions actives au plus (3)", "warm sessions at most (3)")),
    OptionDescription(
      .ttl, value: Phrase("SECONDES", "SECONDS"), variables: ["SESSION_TTL"],
      help: Phrase("durée de vie sans usage (3600)", "time to live without use (3600)")),
    OptionDescription(
      .perUser,
      help: Phrase(
        "une limite par utilisateur au lieu d'une pour tous",
        "one limit for each user instead of one for all")),
    OptionDescription(
      .model, value: Phrase("NOM[,NOM…]", "NAME[,NAME…]"),
      help: Phrase(
        "modèles, dans l'ordre d'essai (\(defaultModels.joined(separator: ",")))",
        "models, in the order of trying (\(defaultModels.joined(separator: ",")))")),
    OptionDescription(
      .limit, value: Phrase("N"),
      help: Phrase("discussions à montrer, au plus (20)", "threads to show at most (20)"),
      commands: [.threads]),
    OptionDescription(
      .before, value: Phrase("CURSEUR", "CURSOR"),
      help: Phrase("suite d'une liste précédente", "goes on with an earlier list"),
      commands: [.threads]),
    OptionDescription(
      .search, value: Phrase("TEXTE", "TEXT"),
      help: Phrase(
        "seulement les discussions qui contiennent ces mots",
        "only the threads that hold these words"),
      commands: [.threads]),
    OptionDescription(
      .feedback, value: Phrase("up|down"),
      help: Phrase(
        "seulement les discussions jugées ainsi", "only the threads that were judged so"),
      commands: [.threads]),
    OptionDescription(
      .comment, value: Phrase("TEXTE", "TEXT"), help: Phrase("pourquoi", "why"),
      commands: [.feedback]),
    OptionDescription(
      .dryRun, help: Phrase("compter seulement, ne rien effacer", "count only, remove nothing"),
      commands: [.forget, .prune, .adopt]),
    OptionDescription(
      .print,
      help: Phrase("toutes les migrations, en SQL", "every migration, as SQL"), commands: [.schema]),
    OptionDescription(
      .check,
      help: Phrase(
        "ce qui reste à faire, sans rien changer", "what is pending, without changing anything"),
      commands: [.schema]),
    OptionDescription(
      .fast, help: Phrase("sans pauses", "without pauses"), commands: [.demo]),
    OptionDescription(
      .envFile, value: Phrase("CHEMIN|none", "PATH|none"),
      help: Phrase(
        "ce fichier au lieu de .env ; none : aucun", "this file in place of .env; none: no file")),
    OptionDescription(
      .lang, value: Phrase("fr|en"), help: Phrase("langue (fr)", "language (fr)")),
    OptionDescription(
      .json,
      help: Phrase(
        "un objet JSON par ligne sur la sortie", "one JSON object per line on the output")),
    OptionDescription(
      .quiet,
      help: Phrase("seulement les réponses et les erreurs", "only the answers and the errors")),
    OptionDescription(
      .noColor, variables: ["NO_COLOR"], help: Phrase("sans couleurs", "without colours")),
    OptionDescription(.help, help: Phrase("cette aide", "this help")),
    OptionDescription(.version, help: Phrase("la version", "the version")),
  ]

  static let commands: [CommandDescription] = [
    CommandDescription(
      .chat, operands: .none,
      help: Phrase(
        "discuter ; dans un tube, un message par ligne", "chat; on a pipe, one message per line")),
    CommandDescription(
      .ask, operands: .text(Phrase("TEXTE…|-", "TEXT…|-")),
      help: Phrase(
        "poser une question, avec ce qui vient dans un tube",
        "ask one question, with what comes on a pipe")),
    CommandDescription(
      .sessions, aliases: ["historique"], operands: .none,
      help: Phrase("les sessions actives", "the warm sessions")),
    CommandDescription(
      .threads, operands: .none,
      help: Phrase("les discussions archivées", "the archived threads")),
    CommandDescription(
      .show, operands: .thread,
      help: Phrase("les messages d'une discussion", "the messages of a thread")),
    CommandDescription(
      .resume, operands: .thread, help: Phrase("reprendre une discussion", "chat in a thread")),
    CommandDescription(
      .rename, operands: .threadAndText(Phrase("NOM…", "NAME…")),
      help: Phrase("renommer une discussion", "rename a thread")),
    CommandDescription(
      .delete, operands: .thread,
      help: Phrase("supprimer une discussion, pour de bon", "delete a thread, for good")),
    CommandDescription(
      .fork, operands: .thread,
      help: Phrase(
        "copier une discussion, pour la continuer à part",
        "copy a thread, to go on with it apart")),
    CommandDescription(
      .pin, operands: .threadAndChoice(["on", "off"], isOptional: true),
      help: Phrase("garder une session active, ou non", "keep a session warm, or not")),
    CommandDescription(
      .feedback, operands: .threadAndChoice(Self.judgements, isOptional: false),
      help: Phrase(
        "juger la dernière réponse d'une discussion", "judge the last answer of a thread")),
    CommandDescription(
      .export, operands: .file,
      help: Phrase(
        "tout ce qui est à l'utilisateur, en JSON Lines", "everything of the user, as JSON Lines")),
    CommandDescription(
      .import, operands: .files,
      help: Phrase(
        "reprendre un export, le conversations.json de ChatGPT ou des messages OpenAI",
        "take in an export, ChatGPT's conversations.json or OpenAI messages")),
    CommandDescription(
      .forget, operands: .user,
      help: Phrase("effacer tout ce qui est à un utilisateur", "remove everything of a user")),
    CommandDescription(
      .prune, operands: .days,
      help: Phrase(
        "effacer les discussions de tous, favorites exceptées, où rien n'a été dit depuis tant de "
          + "jours",
        "remove everybody's threads, favourites left aside, in which nothing was said for so many "
          + "days")),
    CommandDescription(
      .adopt, operands: .user,
      help: Phrase(
        "donner à un utilisateur les discussions qui ne sont à personne",
        "give a user the threads that belong to nobody")),
    CommandDescription(
      .schema, operands: .none,
      help: Phrase(
        "le schéma de la base : où il en est, ou ses migrations en SQL",
        "the schema of the database: how it stands, or its migrations as SQL")),
    CommandDescription(
      .demo, operands: .none,
      help: Phrase("les trois étapes de la soutenance", "the three steps of the defence")),
    CommandDescription(
      .doctor, operands: .none,
      help: Phrase(
        "ce qui est joignable, et que faire sinon", "what is reachable, and what to do if not")),
    CommandDescription(
      .completion, operands: .shell(Shell.allCases.map(\.rawValue)),
      help: Phrase("complétion pour un interpréteur", "completion for a shell")),
    CommandDescription(.man, operands: .none, help: Phrase("la page de manuel", "the manual page")),
  ]

  /// What the environment sets, in place of an option or alone.
  static let variables: [VariableDescription] =
    options.filter { !$0.variables.isEmpty }.map { option in
      VariableDescription(
        [option.variables[0]],
        help: Phrase("comme \(option.name.flag)", "like \(option.name.flag)"))
    } + [
      VariableDescription(
        ["REDIS_HOST", "REDIS_PORT"],
        help: Phrase(
          "le serveur, sans REDIS_URL (localhost, 6379)",
          "the server, without REDIS_URL (localhost, 6379)")),
      VariableDescription(
        ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
        help: Phrase(
          "clé de Gemini ; sans elle, réponses locales", "key of Gemini; without it, local answers")
      ),
      VariableDescription(
        ["GEMINI_BASE_URL"],
        help: Phrase("adresse du service Gemini", "address of the Gemini service")),
      VariableDescription(
        ["OPENAI_API_KEY", "OPENAI_BASE_URL"],
        help: Phrase(
          "clé et adresse d'un service comme celui d'OpenAI, pour les autres modèles",
          "key and address of a service like OpenAI's, for the other models")),
      VariableDescription(
        ["LANGFUSE_PUBLIC_KEY", "LANGFUSE_SECRET_KEY", "LANGFUSE_BASE_URL", "LANGFUSE_HOST"],
        help: Phrase(
          "traces vers Langfuse, si les deux clés sont définies",
          "traces to Langfuse, if both keys are set")),
      VariableDescription(
        [
          "OTEL_EXPORTER_OTLP_ENDPOINT", "OTEL_EXPORTER_OTLP_HEADERS",
          "OTEL_EXPORTER_OTLP_PROTOCOL",
        ],
        help: Phrase(
          "traces vers un autre serveur, sans Langfuse",
          "traces to another server, without Langfuse")
      ),
      VariableDescription(
        [
          "OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", "OTEL_EXPORTER_OTLP_TRACES_HEADERS",
          "OTEL_EXPORTER_OTLP_TRACES_PROTOCOL",
        ],
        help: Phrase("les mêmes, pour les traces seules", "the same, for traces alone")),
    ]

  /// How an answer can be judged.
  static let judgements = ["up", "down", "none"]

  static let defaultModels = GeminiModel.defaultNames
  static let exampleModel = GeminiModel.defaultNames[0]

  /// All that the environment or a file can set.
  static let knownVariables = Set(variables.flatMap(\.names))

  static func option(named text: String) -> OptionDescription? {
    options.first { $0.name.rawValue == text }
  }

  static func command(named text: String) -> CommandDescription? {
    commands.first { $0.name.rawValue == text || $0.aliases.contains(text) }
  }

  static func options(of command: CommandName) -> [OptionDescription] {
    options.filter { $0.commands.isEmpty || $0.commands.contains(command) }
  }
}
