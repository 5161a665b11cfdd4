import ClseqBase
public import ClseqData

/// Events that a model is to be used on, under the items that it knows.
public struct NewData: Sendable {
  /// The events that are left.
  public let dataset: SequenceDataset
  /// From when predictions look ahead, in microseconds since 1970; nil where they follow each
  /// user's last event, or are of events.
  public let moment: Int64?
  /// Events from the moment on, which are left out.
  public let laterEventCount: Int
  /// Users without an event before it.
  public let laterUserCount: Int
  /// Items that the model does not know, by the order of their first event.
  public let unknownItems: [String]
  /// Their events: left out, or, where the model has an unknown item, of that.
  public let unknownEventCount: Int
  /// Users without an event of a known item.
  public let leftOutUserCount: Int
  /// Event types that the model does not know; they are treated as missing. Empty for a model without
  /// event types as input.
  public let unknownTypes: [String]
  /// What the model takes and the log has no column of: as if each value were missing.
  public let missingColumns: [String]
  /// How many of each user's last events before the moment are left out.
  let omittedLast: Int
  /// All that was read, under the log's own items, where truths are requested.
  let whole: SequenceDataset?
  /// The events that are left, with those of items that the model does not know, under the log's own items; where
  /// they are requested.
  let past: SequenceDataset?

  /// - Parameters:
  ///   - knownTypes: The event types that the model knows; nil where types are no input.
  ///   - moment: Events from then on are left out; nil for none.
  ///   - missingColumns: What is taken for missing.
  ///   - omittedLast: Of each user's last events before the moment so many are left out.
  ///   - keepsWhole: Whether all that was read is kept, for truths.
  ///   - keepsUnknown: Whether events of items that the model does not know are kept beside.
  /// - Throws: `DataError.unfit` where the model knows none of the items, or nothing is before the
  ///   moment.
  init(
    _ whole: SequenceDataset, for vocabulary: Vocabulary, knownTypes: [String]?, moment: Int64?,
    missingColumns: [String] = [], omittedLast: Int = 0, keepsWhole: Bool = false,
    keepsUnknown: Bool = false
  ) throws(DataError) {
    self.omittedLast = omittedLast
    self.whole = keepsWhole ? whole : nil
    self.moment = moment
    self.missingColumns = missingColumns
    laterEventCount = moment.flatMap { moment in whole.times?.count { $0 >= moment } } ?? 0
    var dataset = whole
    if laterEventCount > 0 || omittedLast > 0 {
      guard let past = whole.keeping({ Self.past($0, of: whole, moment, omittedLast) }) else {
        throw .unfit(
          path: whole.source.name,
          what: "no event is left before \(moment.map(TimeText.iso8601) ?? "the last ones")",
          expected: "a later --moment, or more events a user")
      }
      dataset = past
    }
    past = keepsUnknown ? dataset : nil
    laterUserCount = whole.userCount - dataset.userCount
    let types = dataset.types.map { types in (0..<types.count).map { types[$0] } } ?? []
    unknownTypes = knownTypes.map { known in types.filter { !known.contains($0) } } ?? []
    var isUnknown = [Bool](repeating: false, count: dataset.itemCount + 2)
    for index in 1..<dataset.itemCount + 1 {
      isUnknown[index] = vocabulary.index(of: dataset.vocabulary[index]) == nil
    }
    // Items that the data itself does not distinguish.
    isUnknown[dataset.itemCount + 1] = true
    var isMet = [Bool](repeating: false, count: isUnknown.count)
    var unknownEventCount = 0
    for item in dataset.items where isUnknown[Int(item)] {
      isMet[Int(item)] = true
      unknownEventCount += 1
    }
    self.unknownEventCount = unknownEventCount
    unknownItems = (1..<dataset.itemCount + 1).filter { isMet[$0] }
      .map { dataset.vocabulary[$0] }
    guard unknownEventCount < dataset.eventCount || vocabulary.hasUnknown else {
      throw .unfit(
        path: dataset.source.name, what: "no event is of an item that the model knows",
        expected: "items under the ids that they had in the run's log")
    }
    self.dataset = try dataset.translated(to: vocabulary, leastUserEvents: 1)
    leftOutUserCount = dataset.userCount - self.dataset.userCount
  }

  /// What of a user's events is not left out, before items are looked at.
  static func past(
    _ places: Range<Int>, of dataset: SequenceDataset, _ moment: Int64?, _ omittedLast: Int
  ) -> Range<Int> {
    guard let moment, let times = dataset.times else { return places.dropLast(omittedLast) }
    return places.prefix { times[$0] < moment }.dropLast(omittedLast)
  }

  /// What people should know of it, a line each.
  public var notes: [String] {
    var notes: [String] = []
    if !missingColumns.isEmpty {
      notes.append(
        "the log has no \(missingColumns.joined(separator: ", no ")): taken for missing, and the "
          + "model was trained with them")
    }
    if laterEventCount > 0, let moment {
      let users =
        laterUserCount > 0 ? ", and \(Self.count(laterUserCount, "user")) with none before" : ""
      notes.append(
        "\(Self.count(laterEventCount, "event")) from \(TimeText.iso8601(moment)) on\(users): left out"
      )
    }
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
