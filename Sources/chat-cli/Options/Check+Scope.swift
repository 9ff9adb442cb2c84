import RedisKit
import SessionCore

extension Check {
  /// Refuses sessions common to all on a Redis Cluster: their keys lie on several nodes, where no
  /// script reaches them together. Asks nobody.
  static func scope(_ scope: Scope, on redis: RedisClient, _ origin: Origin) throws(UsageError) {
    do {
      try RedisSessionStore(client: redis).check(scope)
    } catch {
      throw UsageError(
        "\(origin.described(.french)) : une grappe Redis ne peut garder les sessions communes à "
          + "tous, dont les clés sont sur plusieurs nœuds ; attendu : --per-user",
        "\(origin.described(.english)): a Redis Cluster cannot keep the sessions common to all, "
          + "whose keys lie on several nodes; expected: --per-user")
    }
  }
}
