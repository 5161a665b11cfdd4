import ClseqBase

extension Split {
  /// The moments of prediction about users for training, validation and test, in microseconds since 1970.
  /// All inputs are before the moment.
  public struct Moments: Sendable, Equatable {
    /// Of training.
    public let training: Int64
    /// Of the validation, later.
    public let validation: Int64
    /// Of the test, later still.
    public let test: Int64

    /// Of a part.
    public subscript(part: Part) -> Int64 { part == .test ? test : validation }
  }

  /// By time, for targets of users over a horizon: each user has three moments of prediction, a horizon
  /// apart, for training, validation and test. The windows of targets do not overlap, and training has
  /// no inputs from its moment on.
  ///
  /// - Parameters:
  ///   - dataset: The dataset.
  ///   - horizon: In microseconds, above 0.
  ///   - test: The moment of the test; nil for the horizon before the log's end.
  /// - Throws: `DataError.lacks`; `.unfit` for a log of fewer than three horizons; `.emptyPart`.
  public static func horizons(
    _ dataset: SequenceDataset, horizon: Int64, test: Int64?
  ) throws(DataError) -> Split {
    guard let times = dataset.times, let start = times.min(), let end = times.max() else {
      throw .lacks(path: dataset.source.name, what: "times", purpose: "a split by time")
    }
    let last = end - horizon + 1
    let test = test ?? last
    let (distance, overflow) = horizon.multipliedReportingOverflow(by: 2)
    guard test <= last, !overflow, test - distance > start else {
      throw .unfit(
        path: dataset.source.name, what: "the horizon or the cutoff of a split by time",
        expected: "a log that begins two horizons before the cutoff and ends one after it, or a "
          + "shorter --horizon, or --split-by user")
    }
    let moments = Moments(training: test - distance, validation: test - horizon, test: test)
    var split = try Split.time(dataset, validationStart: moments.training, testStart: test)
    split.moments = moments
    split.name =
      "by time, users asked at \(TimeText.iso8601(moments.training)) for training, "
      + "\(TimeText.iso8601(moments.validation)) for validation and "
      + "\(TimeText.iso8601(moments.test)) for the test; no window of truths reaches into a later one"
    return split
  }

  /// By time, for targets that are attributes of users. Users whose first event is before a time are for
  /// training, with their events before it; users whose first event is before a later time are for
  /// validation, with their events before that; the others are for the test.
  ///
  /// - Parameters:
  ///   - dataset: The dataset.
  ///   - validationStart: In microseconds since 1970.
  ///   - testStart: Likewise, and later.
  /// - Throws: `DataError.lacks`, `.emptyPart`.
  public static func arrivals(
    _ dataset: SequenceDataset, validationStart: Int64, testStart: Int64
  ) throws(DataError) -> Split {
    let base = try Split.time(dataset, validationStart: validationStart, testStart: testStart)
    guard let times = base.dataset.times, let end = times.max() else {
      throw .lacks(path: dataset.source.name, what: "times", purpose: "a split by time")
    }
    var trainingLengths: [Int32] = []
    var places: [Part: [Int32]] = [.validation: [], .test: []]
    var ranges: [Part: [Range<Int32>]] = [.validation: [], .test: []]
    for user in 0..<base.dataset.userCount {
      let events = base.dataset[user].indices
      let first = events.first.map { times[$0] } ?? .max
      let part: Part? =
        first < validationStart ? nil : first < testStart ? .validation : .test
      trainingLengths.append(part == nil ? Int32(base.training(of: user).count) : 0)
      let past = Int32(part == .test ? events.count : events.count { times[$0] < testStart })
      for each in Part.allCases {
        places[each]?.append(each == part ? past - 1 : -1)
        ranges[each]?.append(each == part ? 0..<past : 0..<0)
      }
    }
    var split = Split(
      base.dataset,
      name: "by the time of users' first events, validation from \(validationStart), test from "
        + "\(testStart)", trainingLengths: trainingLengths, targetPlaces: places,
      targetRanges: ranges)
    split.moments = Moments(training: validationStart, validation: testStart, test: end + 1)
    try split.requireTargets(.time)
    return split
  }
}
