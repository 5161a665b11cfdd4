public import ClseqData

extension ShopLog {
  /// Whether the distribution of the next item is known exactly: with seasons it would depend on
  /// the time of that item, and users with an anomaly do not follow it.
  public var hasBestRanking: Bool { !traits.hasSeasons && traits.anomalyShare == 0 }

  /// The exact distribution of a user's next item, given the items so far and the shop's
  /// parameters, but not the user's hidden taste. The log must have one (``hasBestRanking``).
  ///
  /// - Parameter history: Distinct items from 0 in the order they were met; may be empty.
  /// - Returns: [itemCount] probabilities that sum to one; zero for the items of the history.
  public func predictiveDistribution(history: [Int]) -> [Double] {
    precondition(hasBestRanking, "predictiveDistribution: the log has seasons or anomalies")
    var forecast = ShopForecast(catalogue)
    for item in history {
      let isPossible = forecast.observe(item)
      precondition(isPossible, "item \(item) is twice in the history")
    }
    return forecast.probabilities()
  }

  /// The ranks that the best possible ranker gives the targets: it orders the items by the exact
  /// distribution of the next one. From 1, in the order of the dataset; full ranking over the
  /// vocabulary, a tied item counts against the target. No user meets an item twice, so
  /// the rule for seen items changes nothing.
  ///
  /// - Throws: `DataError.noBestRanking` where it is not known (``hasBestRanking``), and
  ///   `DataError.unknownToken` if the data are not a log of this shop.
  public func bestRanks(
    _ split: Split, part: Split.Part
  ) throws(DataError) -> [Int] {
    guard hasBestRanking else { throw .noBestRanking(path: split.dataset.source.name) }
    let items = try shopItems(of: split.dataset)
    var ranks: [Int] = []
    ranks.reserveCapacity(split.dataset.userCount)
    for user in 0..<split.dataset.userCount {
      var forecast = ShopForecast(catalogue)
      for index in split.history(of: user, for: part)
      where !forecast.observe(items[Int(index) - 1]) {
        throw foreignToken(split.dataset.vocabulary[Int(index)], in: split.dataset)
      }
      let target = items[Int(split.target(of: user, for: part)) - 1]
      let probabilities = forecast.probabilities()
      let rivals = items.count {
        probabilities[$0] >= probabilities[target] && $0 != target && !forecast.met.contains($0)
      }
      ranks.append(rivals + 1)
    }
    return ranks
  }

  /// The shop's item for each index of a vocabulary (from 1, so at the place of index minus one).
  func shopItems(of dataset: SequenceDataset) throws(DataError) -> [Int] {
    var items: [Int] = []
    for index in 1...dataset.itemCount {
      let token = dataset.vocabulary[index]
      guard token.first == "i", let number = Int(token.dropFirst()),
        (1...itemCount).contains(number)
      else { throw foreignToken(token, in: dataset) }
      items.append(number - 1)
    }
    return items
  }

  func foreignToken(_ token: String, in dataset: SequenceDataset) -> DataError {
    .unknownToken(
      path: dataset.source.name, token: token, expected: "a log of the shop with seed \(seed)")
  }
}
