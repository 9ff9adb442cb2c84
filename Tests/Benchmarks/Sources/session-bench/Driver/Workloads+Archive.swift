extension Workload {
  static var archive: [Workload] { archiveAppends + archiveReads + [rows] }

  /// A result of any size in bounded memory, against C that reads it in the same way.
  private static var rows: Workload {
    Workload(
      name: "rows.stream.1M", ours: ["rows", "1000000"], floor: ["@rows", "1000000"],
      budget: .ratio(0.7), limits: ["kB-above-start": 10_240])
  }

  private static var archiveAppends: [Workload] {
    var all: [Workload] = []
    for (tasks, lanes, count, budget) in [
      (1, 1, 300, 0.85), (16, 16, 3200, 1.2), (64, 16, 6400, 2.5),
    ] {
      let ours = ["archive", "append", "\(tasks)", "\(count)"]
      // Against the row alone, and against the work that an append does.
      for (name, work) in [("append", "append"), ("append.same", "thread-append")] {
        all.append(
          Workload(
            name: "archive.\(name).\(tasks)", ours: ours,
            floor: ["@mysql", work, "\(lanes)", "\(count)"], budget: .ratio(budget)))
      }
    }
    return all
  }

  private static var archiveReads: [Workload] {
    var all: [Workload] = []
    for (label, messages) in [("50", 50), ("100k", 100_000)] {
      for (tasks, count, budget) in [(1, 500, 0.8), (16, 1600, 0.9)] {
        let number = "\(messages)"
        let id =
          "00000000-0000-4000-8000-" + String(repeating: "0", count: 12 - number.count) + number
        let ours = ["archive", "newest", "\(tasks)", "\(count)", id, number]
        let floor = ["\(tasks)", "\(count)", id]
        all.append(
          Workload(
            name: "archive.newest.\(label).\(tasks)", ours: ours,
            floor: ["@mysql", "newest"] + floor, budget: .ratio(budget)))
        // Against C that checks the owner too.
        all.append(
          Workload(
            name: "archive.newest.same.\(label).\(tasks)", ours: ours,
            floor: ["@mysql", "newest-same"] + floor + ["bench"], budget: .ratio(budget)))
      }
    }
    for (label, threads) in [("10k", 10_000), ("100k", 100_000), ("1M", 1_000_000)] {
      let ours = ["archive", "page", "300", "bench-\(label)", "\(threads)"]
      all.append(
        Workload(
          name: "archive.page.\(label)", ours: ours,
          floor: ["@mysql", "page", "300", "bench-\(label)"]))
      // The original reads and sorts all threads: a million of them take it more than a second.
      if threads == 1_000_000 { continue }
      all.append(
        Workload(
          name: "archive.page.original.\(label)", ours: ours,
          floor: ["@mysql", "original-page", "20", "bench-\(label)"], budget: .ratio(20)))
    }
    return all
  }
}
