import ClseqData
import ClseqTestSupport
import Testing

/// Statistics of inputs come from training events alone.
@Suite struct FittingTests {
  /// u and v: training before 10 s; later events have other prices, types and ratings.
  private func dataset(clip: Double = 0) throws -> SequenceDataset {
    let text =
      "user_id,item_id,event,price,rating,timestamp\n"
      + "u,a,view,1,1,1\nu,b,view,3,2,2\nv,a,buy,5,1,3\nv,b,view,7,2,4\n"
      + "u,a,refund,1000,9,10\nv,b,view,2000,8,11\nu,b,view,3000,9,20\nv,a,view,4000,9,21\n"
    let file = try TemporaryFile("log.csv", text)
    let folder = try TemporaryFolder()
    var rules = DatasetRules()
    rules.features.requests = [FeatureRequest("price")]
    rules.features.clippedShare = clip
    _ = try SequenceDataset.prepare(
      path: file.path, rules: rules, to: folder.file("data"), version: "test")
    return try SequenceDataset.load(path: folder.file("data"))
  }

  private func split(_ dataset: SequenceDataset) throws -> Split {
    try Split.time(dataset, validationStart: 10_000_000, testStart: 20_000_000)
  }

  @Test func featuresBoundsAndTypesAreThoseOfTraining() throws {
    let data = try dataset()
    let fitted = try InputEncoding(
      nil, rule: .label(least: nil), of: data, fittedTo: try split(data))
    #expect(fitted.features[0].mean == 4 && fitted.features[0].most == 7)
    #expect(abs(fitted.features[0].deviation - 5.squareRoot()) < 1e-12)
    #expect(fitted.labelBounds == [1] && fitted.types == ["view", "buy"])
    let all = try InputEncoding(nil, rule: .label(least: nil), of: data)
    #expect(all.features[0].mean > 1_000 && all.labelBounds == [1, 2, 8])
    #expect(all.types == ["view", "buy", "refund"])
  }

  /// Bounds of clipping are quantiles of the training numbers, also where a dataset was prepared before.
  @Test func boundsOfClippingAreThoseOfTraining() throws {
    let data = try dataset(clip: 0.3)
    #expect(data.features[0].clippedShare == 0.3)
    let fitted = try InputEncoding(nil, rule: nil, of: data, fittedTo: try split(data)).features[0]
    #expect(fitted.clippedTo == 3...5 && fitted.mean == 4)
  }

  /// Seconds until the next event as far as they are known before a time.
  @Test func whoReturnsLaterHasNotReturned() throws {
    let data = try dataset()
    let targets = try Targets(.returnTime, of: data, end: 10_000_000)
    guard case .durations(let seconds, let observed) = targets.values else {
      Issue.record("no durations")
      return
    }
    let u = data[0].indices
    #expect(
      Array(seconds[u].prefix(2)) == [1, 8] && Array(observed[u].prefix(2)) == [true, false])
    let whole = try Targets(.returnTime, of: data)
    guard case .durations(let times, let ends) = whole.values else { return }
    #expect(Array(times[u]) == [1, 8, 10, 1] && Array(ends[u]) == [true, true, true, false])
  }
}
