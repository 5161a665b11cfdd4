extension SequenceDataset {
  /// The same with an unknown item, which stands for all that training does not tell: in a split by
  /// time events of such items stay, as inputs and as what is asked about.
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
