extension SequenceDataset {
  /// The same with an unknown item, which stands for all items without a training event: a split by time
  /// keeps events of such items, as inputs and as events with targets.
  public func withUnknownItem() -> SequenceDataset {
    guard !vocabulary.hasUnknown else { return self }
    var dataset = SequenceDataset(
      events: events, offsets: offsets, users: users,
      vocabulary: Vocabulary(tokens: vocabulary.tokens, hasUnknown: true), types: types,
      features: features, source: source)
    dataset.userAttributes = userAttributes
    dataset.itemAttributes = itemAttributes
    return dataset
  }
}
