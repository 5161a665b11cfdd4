public import ClseqBase
import ClseqData
public import ClseqOps

/// What a model says of a user, and what of the user's history it says it for.
///
/// Two views of the same: the attention weights of the last event, and how the predicted score changes
/// when each of the last events is left out of the history. The second holds for every model.
/// Source: leaving out one input at a time is occlusion, Zeiler and Fergus, "Visualizing and
/// understanding convolutional networks" (ECCV 2014).
public struct Explanation: Sendable {
  /// An event of the history.
  public struct Event: Sendable {
    /// The place in the dataset.
    public let place: Int
    /// The attention weight of each head; nil where the model has none, or does not see the event.
    public let weights: [Float]?
    /// The predicted score without the event minus the one with it; nil where the event was not left
    /// out: the only one, and one that is itself the subject.
    public let change: Double?

    /// The mean of the heads' weights.
    public var weight: Double? {
      weights.map { $0.reduce(0) { $0 + Double($1) } / Double($0.count) }
    }
  }

  /// The user, from 0 in the dataset.
  public let user: Int
  /// What the model says.
  public let prediction: PredictedRow
  /// What the score is that changes: `score of ITEM`, `probability of CLASS`.
  public let scoreName: String
  /// The score that the model predicts from the whole history.
  public let score: Double
  /// The last events, in the order of time.
  public let events: [Event]

  /// Explains what a run's model says of a user.
  ///
  /// - Parameters:
  ///   - user: From 0 in the dataset.
  ///   - data: As
  ///     ``TrainedRun/loadDataset(at:omittingLast:allowsMissingColumns:withTruth:keepsUnknown:progress:)`` gives it.
  ///   - run: The run.
  ///   - eventCount: Number of last events that are shown, at least 1.
  ///   - request: Which items are ranked, by a model that ranks any.
  ///   - progress: Receives the progress.
  ///   - backend: The backend of the device.
  /// - Throws: As ``TrainedModel/init(_:dataset:moment:on:)`` and
  ///   ``TrainedModel/predict(_:progress:_:)``.
  public init(
    of user: Int, in data: NewData, by run: TrainedRun, eventCount: Int,
    _ request: RankingRequest = RankingRequest(), progress: ProgressHandler? = nil,
    on backend: Backend
  ) throws {
    let dataset = data.dataset
    let whole = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
    let places = Array(whole.suffix(eventCount))
    // The outcome of an event needs the event, and a prediction needs a history.
    let omitted =
      whole.count == 1
      ? [] : run.answersForEvents ? Array(places.filter { $0 < whole.upperBound - 1 }) : places
    let variants = dataset.leavingOut(omitted, of: user)
    let model = try TrainedModel(run, dataset: variants, moment: data.moment, on: backend)
    let scored = try model.scoredVariants(request, progress)
    let attention = try model.attention(of: 0)
    self.user = user
    prediction = PredictedRow(
      user: user, place: whole.upperBound - 1, items: scored.prediction.items,
      heads: scored.prediction.heads)
    (scoreName, score) = (scored.name, scored.scores[0])
    let changes = Dictionary(
      uniqueKeysWithValues: zip(omitted, scored.scores.dropFirst().map { $0 - scored.scores[0] }))
    events = places.map { place in
      let seen = attention.map { $0.count - (whole.upperBound - place) }
      return Event(
        place: place, weights: seen.flatMap { $0 >= 0 ? attention?[$0] : nil },
        change: changes[place])
    }
  }
}

extension TrainedModel {
  /// What the model says of user 0, and the score of the same answer for every user, where each user is
  /// a variant of user 0.
  fileprivate func scoredVariants(
    _ request: RankingRequest, _ progress: ProgressHandler?
  ) throws -> (prediction: PredictedRow, name: String, scores: [Double]) {
    let users = 0..<dataset.userCount
    var first: PredictedRow?
    try predict(users: 0..<1, lastOnly: true, request) { first = $0 }
    guard let first else { preconditionFailure("Explanation: a user without a prediction") }
    if let best = first.items.first {
      var single = RankingRequest()
      (single.count, single.allowed, single.seen) = (1, [best.item], .allow)
      var scores: [Double] = []
      try predict(users: users, lastOnly: true, single, progress: progress) {
        scores.append(Double($0.items.first?.score ?? .nan))
      }
      return (first, "score of \(run.vocabulary[Int(best.item)])", scores)
    }
    guard let said = first.heads.first else {
      throw DataError.unfit(
        path: dataset.source.name, what: "the user has seen every item that may be recommended",
        expected: "--seen allow, or more items")
    }
    let index = said.likeliest
    var scores: [Double] = []
    try predict(users: users, lastOnly: true, request, progress: progress) {
      scores.append($0.heads[0].score(ofClass: index))
    }
    return (first, said.scoreName, scores)
  }
}

extension Prediction {
  /// What ``score(ofClass:)`` is.
  fileprivate var scoreName: String {
    switch self {
    case .classes(let names, _): "probability of \(names[likeliest ?? 0])"
    case .probability: "probability"
    case .number: "value"
    case .duration: "expected time"
    }
  }
}
