/// What a fake is to do next: queues that are used up, and behaviours that stay.
package struct Script<Place: Hashable & Sendable, Behaviour: Sendable>: Sendable {
  private var queues: [Place: [Behaviour]] = [:]
  private var standing: [Place: Behaviour] = [:]

  package init() {}

  package mutating func enqueue(_ behaviours: [Behaviour], at place: Place) {
    queues[place, default: []] += behaviours
  }

  package mutating func set(_ behaviour: Behaviour?, at place: Place) {
    standing[place] = behaviour
  }

  /// What was queued at the first of `places` that has something, else what stands at the first
  /// that has something.
  package mutating func next(at places: [Place]) -> Behaviour? {
    for place in places where queues[place]?.isEmpty == false {
      return queues[place]?.removeFirst()
    }
    for place in places {
      if let behaviour = standing[place] { return behaviour }
    }
    return nil
  }

  /// How many wait in all queues.
  package var queuedCount: Int { queues.values.reduce(0) { $0 + $1.count } }
}
