public import ClseqData
public import ClseqOps
import ClseqRuns
import ClseqSettings

/// Items for one history that is written down and not read from a log.
public struct Recommendation: Encodable, Sendable {
  /// What the order of the items comes from.
  public enum Basis: String, Encodable, Sendable {
    /// The model's scores.
    case model
    /// The number of training events: for a history of which the model knows nothing.
    case popularity
  }

  /// An item at its place.
  public struct Entry: Encodable, Sendable {
    /// From 1.
    public let rank: Int
    /// The item's id.
    public let item: String
    /// What it is called, where that is known.
    public let title: String?
    /// The model's score, or the number of training events.
    public let score: Float
  }

  /// What the order comes from.
  public let basis: Basis
  /// The items of the history that the model knows.
  public let history: [String]
  /// Those that it does not know.
  public let unknown: [String]
  /// What the model takes and is taken for missing.
  public let missing: [String]
  /// The items, the best first.
  public let items: [Entry]

  /// Ranks items after a history.
  ///
  /// - Parameters:
  ///   - tokens: The ids of items in the order of time; those that the model does not know are left
  ///     out, or become its unknown item.
  ///   - types: The type of each event; empty where they are not known.
  ///   - run: The run.
  ///   - request: Which items are ranked.
  ///   - titles: The titles of items; nil for none.
  ///   - allowsMissingColumns: Whether what the model takes beside, and a history of ids has not,
  ///     is taken for missing.
  ///   - backend: Opened only if the model is used.
  /// - Throws: `SettingsError` where the model ranks no items or types do not fit, and as
  ///   ``TrainedModel/init(_:dataset:moment:on:)`` and `TrainedModel/predict(_:_:)`.
  public init(
    after tokens: [String], types: [String] = [], by run: TrainedRun, _ request: RankingRequest,
    titles: ItemTitles? = nil, allowsMissingColumns: Bool = false, on backend: () throws -> Backend
  ) throws {
    guard run.ranksItems else {
      throw SettingsError.doNotFit(
        "the run was trained for the task \(run.settings.task.rawValue), and ranks no items: "
          + "use 'clseq predict'")
    }
    try Self.check(types, of: tokens, run)
    missing = tokens.isEmpty ? [] : Self.missing(run.description.inputs, hasTypes: !types.isEmpty)
    guard missing.isEmpty || allowsMissingColumns else {
      throw SettingsError.doNotFit(
        "the model takes \(missing.joined(separator: " and ")), which a history of ids lacks: "
          + (missing == [Self.types]
            ? "add --types, " : "write the history as a log for 'clseq predict', ")
          + "or add --allow-missing-columns to take them for missing")
    }
    let named = run.items(named: tokens)
    unknown = named.unknown
    history = named.known.map { run.vocabulary[Int($0)] }
    let events = tokens.enumerated().compactMap { place, token in
      (run.vocabulary.index(of: token) ?? run.vocabulary.unknown).map {
        (item: $0, type: types.isEmpty ? nil : types[place])
      }
    }
    let best: [RankedItem]
    if named.known.isEmpty {
      basis = .popularity
      best = try Self.popular(run, request)
    } else {
      basis = .model
      let dataset = SequenceDataset(
        history: events.map(\.item), types: types.isEmpty ? nil : events.compactMap(\.type),
        vocabulary: run.vocabulary)
      var found: [RankedItem] = []
      try run.predictor(for: dataset, on: backend)
        .predict(request, progress: nil) { found = $0.items }
      best = found
    }
    items = best.enumerated().map { place, ranked in
      Entry(
        rank: place + 1, item: run.vocabulary[Int(ranked.item)], title: titles?[ranked.item],
        score: ranked.score)
    }
  }

  private static let types = "event types"

  /// What a model takes of events and users beside ids.
  private static func missing(_ inputs: InputEncoding, hasTypes: Bool) -> [String] {
    var missing: [String] = []
    if inputs.types != nil, !hasTypes { missing.append(types) }
    if inputs.hasGaps { missing.append("times") }
    if !inputs.features.isEmpty { missing.append("numbers of events") }
    if inputs.users.map({ $0.width > 0 }) ?? false { missing.append("attributes of users") }
    return missing
  }

  private static func check(_ types: [String], of tokens: [String], _ run: TrainedRun) throws {
    guard !types.isEmpty else { return }
    guard types.count == tokens.count else {
      throw SettingsError.doNotFit(
        "types has \(types.count) names for a history of \(tokens.count): one for each item")
    }
    guard let known = run.description.inputs.types else {
      throw SettingsError.doNotFit("the model does not take event types: leave --types out")
    }
    for type in types where !known.contains(type) {
      throw SettingsError.doNotFit(
        "types has '\(type)', expected some of \(known.joined(separator: ", "))")
    }
  }

  /// The items with the most training events, the first of equal ones before the others.
  private static func popular(
    _ run: TrainedRun, _ request: RankingRequest
  ) throws -> [RankedItem] {
    let counts = try run.itemCounts()
    let allowed = (1...Int32(counts.count)).filter {
      request.allowed?.contains($0) ?? true && !request.denied.contains($0)
    }
    let ordered = allowed.sorted {
      (-counts[Int($0) - 1], $0) < (-counts[Int($1) - 1], $1)
    }
    return ordered.prefix(request.count).map {
      RankedItem(item: $0, score: Float(counts[Int($0) - 1]))
    }
  }
}
