import ClseqData
import ClseqInference
import ClseqModels
import ClseqSettings
import ClseqTestSupport
import Foundation
import Testing

/// What of a history a prediction goes back to.
@Suite(.serialized) struct ExplanationTests {
  private func explanation(
    of user: String, _ shop: TrainedShop, eventCount: Int = 20, _ kind: TestBackend
  ) throws -> Explanation {
    let run = try shop.run(on: shop.rows)
    let data = try run.loadDataset()
    let index = try #require(data.dataset.users.index(of: user))
    return try Explanation(
      of: Int(index), in: data, by: run, eventCount: eventCount, on: try kind.make())
  }

  /// Leaving an event out gives what the model says of a log that lacks it.
  @Test(arguments: [TestBackend.reference, .cpu8, .gpu])
  func changesAreThoseOfALogWithoutTheEvent(_ kind: TestBackend) throws {
    let shop = try TrainedShop(kind) { _, _ in }
    let user = "u9"
    let rows = shop.rows(of: [user])
    let explanation = try explanation(of: user, shop, kind)
    #expect(explanation.events.count == rows.count)
    let best = try #require(explanation.prediction.items.first)
    #expect(explanation.score == Double(best.score))
    for (place, event) in explanation.events.enumerated() {
      var without = rows
      without.remove(at: place)
      var request = RankingRequest()
      (request.count, request.allowed, request.seen) = (1, [best.item], .allow)
      let score = try shop.predictions(of: without, on: kind, request)[0].row.items[0].score
      #expect(event.change == Double(score) - explanation.score)
    }
    #expect(explanation.events.contains { ($0.change ?? 0) != 0 })
  }

  /// Each head shares one whole among the events that the model sees; the others have none. A mask has a
  /// share too, and is no event.
  @Test(arguments: [ModelKind.transformer, .lstmAttention, .bert4rec])
  func weightsAreShares(_ model: ModelKind) throws {
    for kind in [TestBackend.reference, .cpu8, .gpu] {
      let shop = try TrainedShop(kind) { settings, _ in
        settings.model = .network(model)
        settings[.recurrentSizes] = [16]
      }
      let lengths = Dictionary(grouping: shop.rows, by: \.user).mapValues(\.count)
      let user = try #require(lengths.max { ($0.value, $0.key) < ($1.value, $1.key) })
      let explanation = try explanation(of: user.key, shop, kind)
      #expect(user.value > 8 && explanation.events.count == user.value)
      #expect(explanation.events.dropLast(8).allSatisfy { $0.weights == nil && $0.change != nil })
      let weights = explanation.events.suffix(8).compactMap(\.weights)
      #expect(weights.count == 8)
      for head in 0..<(model == .lstmAttention ? 1 : 2) {
        let sum = weights.reduce(0) { $0 + Double($1[head]) }
        #expect(model == .bert4rec ? sum > 0 && sum < 1 : abs(sum - 1) < Tolerance.sums)
      }
    }
  }

  @Test func lastEventsAlone() throws {
    let shop = try TrainedShop(.reference) { _, _ in }
    let all = try explanation(of: "u9", shop, .reference)
    let two = try explanation(of: "u9", shop, eventCount: 2, .reference)
    #expect(two.events.map(\.change) == all.events.suffix(2).map(\.change))
    #expect(two.events.map(\.place) == all.events.suffix(2).map(\.place))
  }
}
