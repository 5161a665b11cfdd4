/// Ids of items that are the unknown item under another vocabulary.
struct ForeignItems: Sendable {
  /// The item of each event of a dataset, under the vocabulary of its log.
  let items: Column<Int32>
  /// That vocabulary.
  let vocabulary: Vocabulary
}

extension SequenceDataset {
  /// The id of an event's item in the log, also if the vocabulary does not have it; nil if the log itself
  /// was prepared with one unknown item for rare ones.
  ///
  /// - Parameter place: Place of the event.
  public func itemToken(at place: Int) -> String? {
    let item = Int(items[place])
    if item <= itemCount { return vocabulary[item] }
    guard let foreignItems else { return nil }
    let own = Int(foreignItems.items[place])
    return own <= foreignItems.vocabulary.count ? foreignItems.vocabulary[own] : nil
  }
}
