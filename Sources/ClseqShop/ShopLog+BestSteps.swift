public import ClseqBase
public import ClseqData

/// The ranks of true next items of users by the best possible rankers of several steps. From 1, in the order of the
/// users; `Int.max` for an item that is no candidate.
public struct ShopStepRanks: Sendable, Equatable {
  /// [step][user] Of the best lists that are made of the history alone: step s ranks by the distribution of the s-th
  /// next item. No ranker that does not know the true items before it has better expected scores.
  public package(set) var best: [[Int]] = []
  /// [half][step][user] The same from each half of the drawn paths.
  public package(set) var halves: [[[Int]]] = []
  /// [step][user] Of a ranker that knows the shop and goes on, as a model does, from its own likeliest items: step s
  /// ranks by the distribution of the next item after the history and s − 1 guesses, which are no candidates any more.
  public internal(set) var greedy: [[Int]] = []

  package init() {}

  /// The standard error, because paths are drawn, of the mean over users of a value of the ranks of ``best``, by step.
  ///
  /// The mean of two halves with the difference d has the variance d² / 4.
  ///
  /// - Parameter value: Of a rank.
  public func standardErrors(_ value: (_ rank: Int) -> Double) -> [Double] {
    zip(halves[0], halves[1]).map { first, second in
      let squares = zip(first, second).reduce(0) { sum, ranks in
        let difference = value(ranks.0) - value(ranks.1)
        return sum + difference * difference
      }
      return squares.squareRoot() / (2 * Double(max(1, first.count)))
    }
  }
}

extension ShopLog {
  /// The paths that are drawn of each user in ``bestStepRanks(of:truths:pathCount:progress:)``, half of them in each mean.
  public static let usualPathCount = 4_096

  /// The ranks that the best possible rankers give the next items of users (``ShopStepRanks``): full ranking over
  /// the vocabulary, a tied item counts against the true one.
  ///
  /// - Parameters:
  ///   - dataset: A log of this shop; no event of the users may be missing.
  ///   - truths: The places of the true events of each user, as many of each; the history is all before them.
  ///   - pathCount: Paths of each user, even and at least 2.
  ///   - progress: Receives the progress.
  /// - Throws: `DataError.noBestRanking` where it is not known (``hasBestRanking``), and
  ///   `DataError.unknownToken` if the shop did not make these users' items in this order.
  public func bestStepRanks(
    of dataset: SequenceDataset, truths: [Range<Int>], pathCount: Int = usualPathCount,
    progress: ProgressHandler? = nil
  ) throws(DataError) -> ShopStepRanks {
    guard hasBestRanking else { throw .noBestRanking(path: dataset.source.name) }
    let stepCount = truths.first?.count ?? 0
    let vocabulary = try shopItems(of: dataset)
    let none = [[Int]](repeating: [], count: stepCount)
    var ranks = ShopStepRanks()
    (ranks.best, ranks.halves, ranks.greedy) = (none, [none, none], none)
    for (done, places) in truths.enumerated() {
      precondition(places.count == stepCount, "bestStepRanks: unlike numbers of steps")
      let user = dataset.offsets.partitioningIndex { Int($0) > places.lowerBound } - 1
      let items = try checkedItems(
        of: dataset, user, Int(dataset.offsets[user])..<places.upperBound, vocabulary)
      var forecast = ShopForecast(catalogue)
      for item in items.dropLast(stepCount) { _ = forecast.observe(item) }
      let paths = ShopPaths(
        after: forecast, stepCount: stepCount, pathCount: max(1, pathCount / 2),
        CounterRandom(seed: seed, ShopCatalogue.Purpose.paths, UInt64(user)))
      for (step, target) in items.suffix(stepCount).enumerated() {
        func rank(_ scores: [Double]) -> Int {
          guard scores[target] > 0 else { return .max }
          return vocabulary.count { scores[$0] >= scores[target] }
        }
        let sums = paths.sums.map { $0[step] }
        ranks.best[step].append(rank(zip(sums[0], sums[1]).map { $0 + $1 }))
        for half in sums.indices { ranks.halves[half][step].append(rank(sums[half])) }
        let probabilities = forecast.probabilities()
        ranks.greedy[step].append(rank(probabilities))
        if let guess = vocabulary.max(by: { probabilities[$0] < probabilities[$1] }) {
          _ = forecast.observe(guess)
        }
      }
      progress?(TaskProgress("best possible", done: done + 1, of: truths.count))
    }
    return ranks
  }

  /// The shop's items of a user's events, after comparing them with those that the shop makes.
  private func checkedItems(
    of dataset: SequenceDataset, _ user: Int, _ places: Range<Int>, _ vocabulary: [Int]
  ) throws(DataError) -> [Int] {
    let token = dataset.users[user]
    let found = places.map { place in
      let row = Int(dataset.items[place]) - 1
      return vocabulary.indices.contains(row) ? vocabulary[row] : nil
    }
    // No user of a shop meets more than half of its items.
    if token.first == "u", let number = Int(token.dropFirst()), number >= 1,
      2 * found.count <= itemCount + 1
    {
      for hasPauses in [true, false] {
        let made = firstItems(of: number - 1, count: found.count, hasPauses: hasPauses)
        if found == made { return made }
      }
    }
    throw .unknownToken(
      path: dataset.source.name, token: token,
      expected:
        "the users of clseq generate --items \(itemCount) --seed \(seed) with all their events")
  }

  /// The first items of a user (from 0), who may have fewer events: how many there are changes none of them.
  ///
  /// - Parameter hasPauses: Whether times are drawn in the same stream, as in a log without an end.
  private func firstItems(of user: Int, count: Int, hasPauses: Bool) -> [Int] {
    var shopper = Shopper(user: user, of: self)
    if hasPauses { _ = Self.firstTime(&shopper.draws) }
    return (0..<count).map { _ in
      let item = shopper.nextItem()
      if hasPauses { _ = Self.pause(&shopper.draws) }
      _ = shopper.nextKind(item)
      return item
    }
  }
}
