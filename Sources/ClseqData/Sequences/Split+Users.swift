import ClseqBase

extension Split {
  /// By user: all events of some users are for training. Of the others the last event is the target,
  /// after all earlier ones, and none is for training. Measures a model on users without training
  /// events.
  ///
  /// - Parameters:
  ///   - dataset: The dataset.
  ///   - validationShare: Share of users for the validation, from 0 to 1.
  ///   - testShare: Likewise for the test.
  ///   - seed: The choice depends on the seed and the user's id alone, not on the order of the file or
  ///     on other users.
  /// - Throws: `DataError.emptyPart` if no user falls in a part.
  public static func users(
    _ dataset: SequenceDataset, validationShare: Double = 0.1, testShare: Double = 0.1,
    seed: UInt64
  ) throws(DataError) -> Split {
    let random = CounterRandom(seed: seed, purposeOfUsers)
    var trainingLengths: [Int32] = []
    var places: [Part: [Int32]] = [.validation: [], .test: []]
    var ranges: [Part: [Range<Int32>]] = [.validation: [], .test: []]
    for user in 0..<dataset.userCount {
      let count = Int32(dataset[user].count)
      let draw = random.uniform(FNV1a.hash(dataset.users.utf8(at: user)))
      let part: Part? =
        draw < testShare ? .test : draw < testShare + validationShare ? .validation : nil
      trainingLengths.append(part == nil ? count : 0)
      for each in Part.allCases {
        places[each]?.append(each == part ? count - 1 : -1)
        ranges[each]?.append(each == part ? 0..<count : 0..<0)
      }
    }
    var split = Split(
      dataset, name: "by user id, validation \(validationShare), test \(testShare), seed \(seed)",
      trainingLengths: trainingLengths, targetPlaces: places, targetRanges: ranges)
    try split.requireTargets(.user)
    return split
  }

  /// Names the stream of random numbers that chooses users ("users" in ASCII).
  private static let purposeOfUsers: UInt64 = 0x75_7365_7273
}
