extension Split {
  /// By session: of a user's sessions the last is for the test, the one before it for validation, and
  /// the earlier ones are for training. The target of a part is the first event of its session, after
  /// the whole history.
  ///
  /// Users with fewer than three sessions have no targets; all their events are for training.
  ///
  /// - Throws: `DataError.lacks` for data without sessions; `.emptyPart` if no user has enough.
  public static func sessions(_ dataset: SequenceDataset) throws(DataError) -> Split {
    guard let sessions = dataset.events.sessions else {
      throw .lacks(
        path: dataset.source.name, what: "sessions by a column or a gap",
        purpose: "a split by session")
    }
    var trainingLengths: [Int32] = []
    var places: [Part: [Int32]] = [.validation: [], .test: []]
    for user in 0..<dataset.userCount {
      let numbers = sessions[Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])]
      let last = numbers.max() ?? 0
      // Sessions are numbered in the order of their start, so these are adjacent.
      let starts = [last - 1, last].map { session in
        Int32(numbers.prefix { $0 != session }.count)
      }
      let hasTargets = last >= 2
      trainingLengths.append(hasTargets ? starts[0] : Int32(numbers.count))
      places[.validation]?.append(hasTargets ? starts[0] : -1)
      places[.test]?.append(hasTargets ? starts[1] : -1)
    }
    var split = Split(
      dataset, name: "by session", trainingLengths: trainingLengths, targetPlaces: places)
    try split.requireTargets(.session)
    return split
  }
}
