public import ClseqData
public import ClseqMetrics

extension Split {
  /// The same targets, each ranked among sampled negatives only, as old papers did; see
  /// `NegativeSampler` for what such figures are worth. Seen items are drawn where they are
  /// candidates.
  public func ranked(by sampler: NegativeSampler) -> Split {
    let full = self
    return ranked(
      among: { user, part in
        sampler.negatives(
          of: user, target: Int(full.target(of: user, for: part)),
          seen: full.seen == .allow ? [] : full.seenItems(of: user, for: part),
          itemCount: full.dataset.itemCount
        ).map { Int32($0) }
      }, named: sampler.description)
  }
}
