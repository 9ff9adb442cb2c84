/// Finds the slot of a key: a flat hash table of slot numbers, with linear probing.
///
/// The keys themselves stand in the slots, once; a cell holds the number of the slot and 32 bits of
/// the key's hash, so a probe rarely looks at a slot in vain and a removal hashes nothing again.
/// `Dictionary` would hold every key a second time and hash it at each step of an insertion.
@usableFromInline
struct SlotIndex: Sendable {
  @usableFromInline typealias Slot = Int32

  @usableFromInline
  struct Cell: Sendable {
    @usableFromInline let slot: Slot
    @usableFromInline let hash: UInt32

    @inlinable
    init(slot: Slot, hash: UInt32) {
      self.slot = slot
      self.hash = hash
    }
  }

  @inlinable static var empty: Cell { Cell(slot: -1, hash: 0) }

  // Internal for the same reason as the state of LRUCache. Nothing outside this file uses it.
  @usableFromInline var cells = ContiguousArray(repeating: empty, count: 8)
  @usableFromInline var count = 0

  /// The slot that was added under `hash` and that `matches` accepts.
  ///
  /// - Complexity: O(1) on average.
  @inlinable @inline(__always)
  func slot(hash: UInt32, where matches: (Slot) -> Bool) -> Slot? {
    let mask = cells.count - 1
    var index = Int(hash) & mask
    while cells[index].slot >= 0 {
      if cells[index].hash == hash, matches(cells[index].slot) { return cells[index].slot }
      index = (index + 1) & mask
    }
    return nil
  }

  /// Adds `slot`, which must not be in the index.
  ///
  /// - Complexity: O(1) on average, amortized over the growth of the index.
  @inlinable
  mutating func add(_ slot: Slot, hash: UInt32) {
    if (count + 1) * 2 > cells.count { grow() }
    place(Cell(slot: slot, hash: hash))
    count += 1
  }

  /// Takes out `slot`, which was added under `hash`.
  ///
  /// - Complexity: O(1) on average.
  @inlinable
  mutating func remove(_ slot: Slot, hash: UInt32) {
    // One span for the whole removal: the array is asked once whether it is shared.
    var cells = cells.mutableSpan
    let mask = cells.count - 1
    var hole = Int(hash) & mask
    while cells[hole].slot != slot {
      precondition(cells[hole].slot >= 0, "the slot is in the index")
      hole = (hole + 1) & mask
    }
    // The cells behind move up, so that no search stops at the hole before it has to.
    var index = (hole + 1) & mask
    while cells[index].slot >= 0 {
      let home = Int(cells[index].hash) & mask
      if (index - home) & mask >= (index - hole) & mask {
        cells[hole] = cells[index]
        hole = index
      }
      index = (index + 1) & mask
    }
    cells[hole] = Self.empty
    count -= 1
  }

  @usableFromInline
  mutating func grow() {
    let old = cells
    cells = ContiguousArray(repeating: Self.empty, count: old.count * 2)
    for cell in old where cell.slot >= 0 { place(cell) }
  }

  @inlinable
  mutating func place(_ cell: Cell) {
    var cells = cells.mutableSpan
    let mask = cells.count - 1
    var index = Int(cell.hash) & mask
    while cells[index].slot >= 0 { index = (index + 1) & mask }
    cells[index] = cell
  }
}
