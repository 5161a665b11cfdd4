/// A dataset in which a rule looks for its truths.
public struct TargetSource: Sendable {
  /// The rule's text, for messages.
  public let text: String
  /// The dataset.
  public let dataset: SequenceDataset
  /// For rules with a horizon, the times that are the future, in microseconds since 1970.
  public let future: Range<Int64>?
  /// For censored rules, the first time of which nothing is known; nil where all events of the log are.
  public let end: Int64?

  /// The name of the dataset, for messages.
  var path: String { dataset.source.name }

  /// The error of a dataset without something that the rule needs.
  public func lacks(_ what: String) -> DataError {
    .lacks(path: path, what: what, purpose: "the target '\(text)'")
  }

  /// The types of events and their names.
  ///
  /// - Throws: `DataError.lacks`.
  func types() throws(DataError) -> (names: TokenTable, column: Column<Int32>) {
    guard let names = dataset.types, let column = dataset.events.types else {
      throw lacks("event types")
    }
    return (names, column)
  }

  /// The times of events, in microseconds since 1970.
  ///
  /// - Throws: `DataError.lacks`.
  public func times() throws(DataError) -> Column<Int64> {
    guard let times = dataset.times else { throw lacks("times") }
    return times
  }

  /// A feature of events.
  ///
  /// - Throws: `DataError.lacks`.
  func feature(_ name: String) throws(DataError) -> Column<Double> {
    guard let index = dataset.features.firstIndex(where: { $0.request.name == name }) else {
      throw lacks("feature '\(name)'")
    }
    return dataset.events.features[index]
  }

  /// An attribute of users that has one value per user.
  ///
  /// - Throws: `DataError.lacks` and `.unfit`.
  func attribute(_ name: String) throws(DataError) -> Attribute {
    guard let table = dataset.userAttributes else { throw lacks("attributes of users (--users)") }
    guard let attribute = table[name] else { throw lacks("attribute '\(name)' of users") }
    guard attribute.kind == .float || attribute.kind == .token else {
      throw .unfit(
        path: table.source.name, what: "attribute '\(name)'",
        expected: "one value per user, and it has several")
    }
    return attribute
  }

  /// For each user, a number of the places of future events; NaN for users without a past.
  func future(
    _ number: (_ places: [Int]) -> Double
  ) throws(DataError) -> Targets.Values {
    guard let future else { preconditionFailure("\(text) needs a cutoff") }
    let times = try times()
    let values = (0..<dataset.userCount).map { user -> Double in
      let places = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
      guard times[places.lowerBound] < future.lowerBound else { return .nan }
      return number(places.filter { future.contains(times[$0]) })
    }
    return .numbers(LazyValues(values))
  }
}
