public import ClseqData

/// Events that a model is to be used on, under the items that it knows.
public struct NewData: Sendable {
  /// The events that are left.
  public let dataset: SequenceDataset
  /// Items that the model does not know, by the order of their first event.
  public let unknownItems: [String]
  /// Their events: left out, or, where the model has an unknown item, of that.
  public let unknownEventCount: Int
  /// Users of whom no event is left.
  public let leftOutUserCount: Int
  /// Event types that the model does not know: as if they were missing. None where it knows nothing of
  /// types.
  public let unknownTypes: [String]

  /// - Throws: `DataError.unfit` where the model knows none of the items.
  ///
  /// - Parameter knownTypes: The event types that the model knows; nil where it is not told.
  init(
    _ dataset: SequenceDataset, for vocabulary: Vocabulary, knownTypes: [String]?
  ) throws(DataError) {
    let types = dataset.types.map { types in (0..<types.count).map { types[$0] } } ?? []
    unknownTypes = knownTypes.map { known in types.filter { !known.contains($0) } } ?? []
    var isUnknown = [Bool](repeating: false, count: dataset.itemCount + 2)
    for index in 1..<dataset.itemCount + 1 {
      isUnknown[index] = vocabulary.index(of: dataset.vocabulary[index]) == nil
    }
    // Items that the data itself does not tell apart.
    isUnknown[dataset.itemCount + 1] = true
    unknownEventCount = dataset.items.count { isUnknown[Int($0)] }
    unknownItems = (1..<dataset.itemCount + 1).filter { isUnknown[$0] }
      .map { dataset.vocabulary[$0] }
    guard unknownEventCount < dataset.eventCount || vocabulary.hasUnknown else {
      throw .unfit(
        path: dataset.source.name, what: "no event is of an item that the model knows",
        expected: "items under the ids that they had in the run's log")
    }
    self.dataset = try dataset.translated(to: vocabulary, leastUserEvents: 1)
    leftOutUserCount = dataset.userCount - self.dataset.userCount
  }

  /// What people should know of it, a line each.
  public var notes: [String] {
    var notes: [String] = []
    if unknownEventCount > 0 {
      let some = unknownItems.isEmpty ? "" : " (\(Self.some(of: unknownItems)))"
      let fate =
        dataset.vocabulary.hasUnknown ? "the model's one unknown item" : "left out"
      notes.append(
        "\(Self.count(unknownEventCount, "event")) of "
          + "\(Self.count(unknownItems.count, "item")) that training did not know\(some): \(fate)")
    }
    if leftOutUserCount > 0 {
      notes.append("\(Self.count(leftOutUserCount, "user")) of unknown items only: left out")
    }
    if !unknownTypes.isEmpty {
      notes.append(
        "\(Self.count(unknownTypes.count, "event type")) that training did not know "
          + "(\(Self.some(of: unknownTypes))): taken for missing")
    }
    return notes
  }

  /// The first names in quotes.
  private static func some(of names: [String]) -> String {
    names.prefix(3).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 3 ? ", …" : "")
  }

  private static func count(_ number: Int, _ noun: String) -> String {
    "\(number) \(noun)\(number == 1 ? "" : "s")"
  }
}
