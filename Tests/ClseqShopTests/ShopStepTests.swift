import ClseqBase
import ClseqData
import ClseqShop
import ClseqTestSupport
import Testing

/// The best rankings of several next items against sums over all paths.
@Suite struct ShopStepTests {
  private static let stepCount = 3

  private func log(_ traits: ShopTraits = .plain) throws -> ShopLog {
    try ShopLog(users: 40, items: 10, eventsPerUser: 5...5, seed: 2, traits: traits)
  }

  /// [item] the probability of each item some steps after a history: the sum over all paths between.
  private func marginal(_ log: ShopLog, _ history: [Int], _ step: Int) -> [Double] {
    let next = log.predictiveDistribution(history: history)
    guard step > 0 else { return next }
    var sum = [Double](repeating: 0, count: next.count)
    for (item, probability) in next.enumerated() where probability > 0 {
      for (later, share) in marginal(log, history + [item], step - 1).enumerated() {
        sum[later] += probability * share
      }
    }
    return sum
  }

  private func rank(_ target: Int, _ scores: [Double]) -> Int {
    scores[target] > 0 ? scores.count { $0 >= scores[target] } : .max
  }

  /// The histories and true items of users, whose last events are the true ones.
  private func cases(_ log: ShopLog, _ dataset: SequenceDataset) -> [(history: [Int], truth: [Int])]
  {
    (0..<dataset.userCount).map { user in
      let items = dataset[user].map { Int(dataset.vocabulary[Int($0)].dropFirst())! - 1 }
      return (Array(items.dropLast(Self.stepCount)), Array(items.suffix(Self.stepCount)))
    }
  }

  private func truths(_ dataset: SequenceDataset) -> [Range<Int>] {
    (1...dataset.userCount).map {
      Int(dataset.offsets[$0]) - Self.stepCount..<Int(dataset.offsets[$0])
    }
  }

  @Test func drawnPathsApproachTheSumOverAllPaths() throws {
    let log = try log()
    let history = [3, 7]
    var forecast = ShopForecast(log.catalogue)
    for item in history {
      let isPossible = forecast.observe(item)
      #expect(isPossible)
    }
    let count = 20_000
    let paths = ShopPaths(
      after: forecast, stepCount: Self.stepCount, pathCount: count, CounterRandom(seed: 5))
    for step in 0..<Self.stepCount {
      let exact = marginal(log, history, step)
      #expect(abs(exact.reduce(0, +) - 1) < Tolerance.probability)
      for item in 0..<10 {
        for half in paths.sums {
          let drawn = half[step][item] / (step == 0 ? 1 : Double(count))
          // A mean of values of [0, 1] has at most the deviation of hits.
          let deviation = (exact[item] * (1 - exact[item]) / Double(count)).squareRoot()
          let bound = step == 0 ? Tolerance.probability : Tolerance.deviations * deviation
          #expect(abs(drawn - exact[item]) <= bound)
        }
      }
    }
  }

  @Test(arguments: [ShopTraits.plain, .churners(0.2, days: 60, typed: true)])
  func ranksAreThoseOfTheSumsOverAllPaths(_ traits: ShopTraits) throws {
    let log = try ShopLog(
      users: 40, items: 12, eventsPerUser: traits == .plain ? 5...5 : 3...3, seed: 2, traits: traits
    )
    let whole = try log.dataset()
    let users = (0..<whole.userCount).filter { whole[$0].count > Self.stepCount }
    let places = users.map { truths(whole)[$0] }
    #expect(users.count > 5)
    let ranks = try log.bestStepRanks(of: whole, truths: places, pathCount: 20_000)
    var differing = 0
    for (place, user) in users.enumerated() {
      let (history, truth) = cases(log, whole)[user]
      for (step, target) in truth.enumerated() {
        let exact = marginal(log, history, step)
        // Items whose probabilities differ by less than the draws do may stand in either order.
        let near = exact.indices.count {
          $0 != target && abs(exact[$0] - exact[target]) < 0.01
        }
        let best = ranks.best[step][place]
        #expect(abs(best - rank(target, exact)) <= (step == 0 ? 0 : near), "\(user) \(step)")
        if best != ranks.greedy[step][place] { differing += 1 }
      }
    }
    #expect(differing > 5)
  }

  @Test func guessesAreTakenForFacts() throws {
    let log = try log()
    let dataset = try log.dataset()
    let ranks = try log.bestStepRanks(of: dataset, truths: truths(dataset), pathCount: 2)
    #expect(ranks.greedy[0] == ranks.best[0] && ranks.halves[0][0] == ranks.best[0])
    for (user, (history, truth)) in cases(log, dataset).enumerated() {
      var seen = history
      for (step, target) in truth.enumerated() {
        let probabilities = log.predictiveDistribution(history: seen)
        #expect(ranks.greedy[step][user] == rank(target, probabilities))
        seen.append(probabilities.indices.max { probabilities[$0] < probabilities[$1] }!)
      }
    }
  }

  @Test func errorsAreThoseOfHalves() {
    var ranks = ShopStepRanks()
    ranks.best = [[1, 2, 3, 4]]
    ranks.halves = [[[1, 2, 1, 1]], [[2, 2, 1, 2]]]
    // Two of four users differ by 1: √2 / 8.
    #expect(abs(ranks.standardErrors { $0 == 1 ? 1 : 0 }[0] - 2.0.squareRoot() / 8) < 1e-12)
  }

  @Test func logsOfOtherShopsAreRefused() throws {
    let dataset = try log().dataset()
    for (items, seed) in [(10, 3), (11, 2), (200, 2)] as [(Int, UInt64)] {
      let other = try ShopLog(users: 40, items: items, eventsPerUser: 1...1, seed: seed)
      #expect {
        _ = try other.bestStepRanks(of: dataset, truths: truths(dataset))
      } throws: { "\($0)".contains("clseq generate --items \(items) --seed \(seed)") }
    }
    var seasons = ShopTraits()
    seasons.hasSeasons = true
    let other = try ShopLog(users: 40, items: 20, eventsPerUser: 5...5, seed: 2, traits: seasons)
    #expect(throws: DataError.noBestRanking(path: dataset.source.name)) {
      _ = try other.bestStepRanks(of: dataset, truths: truths(dataset))
    }
  }
}
