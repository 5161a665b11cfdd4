/// How models do on periods of a log that they have not been trained on yet.
public struct PrequentialReport: Codable, Equatable, Sendable {
  /// The figures of one model on a period.
  public struct Scores: Codable, Equatable, Sendable {
    /// The mean of NDCG@10 over events of users who have events before the period; nil without any.
    public var old: Double?
    /// That over events of users who come in the period, but the first one of each.
    public var new: Double?
    /// That over both.
    public var all: Double?
    /// The time of its training, with its validations; nil where it was trained for the period before.
    public var seconds: Double?
  }

  /// A period.
  public struct Period: Codable, Equatable, Sendable {
    /// Its first moment, as ISO 8601.
    public var from: String
    /// The first moment after it.
    public var to: String
    /// Events that are scored of users who have events before the period.
    public var oldEvents: Int
    /// Those of users who come in it.
    public var newEvents: Int
    /// The model for the period before.
    public var earlier: Scores
    /// That model, trained further on the period before.
    public var continued: Scores
    /// A model that was trained anew on all events before the period; nil where there is none.
    public var scratch: Scores?

    private enum CodingKeys: String, CodingKey {
      case from, to, earlier, continued, scratch
      case oldEvents = "old_events"
      case newEvents = "new_events"
    }
  }

  /// The run that was trained last, which knows all but the last period.
  public var run: String
  /// The name of the log.
  public var data: String
  /// Its hash.
  public var dataHash: String
  /// The kind of model.
  public var model: String
  /// The length of a period.
  public var every: String
  /// The share of sequences without new events that are trained on.
  public var replay: Double
  /// The rule of seen items.
  public var seen: String
  /// The seed of training.
  public var seed: UInt64
  /// The periods.
  public var periods: [Period]
  /// Over all of them, each by its events; times are sums.
  public var total: Period

  private enum CodingKeys: String, CodingKey {
    case run, data, model, every, replay, seen, seed, periods, total
    case dataHash = "data_hash"
  }
}

extension PrequentialReport.Period {
  /// All periods as one.
  ///
  /// - Parameter periods: At least one.
  init(_ periods: [Self]) {
    func mean(_ figures: [(value: Double?, count: Int)]) -> Double? {
      let known = figures.compactMap { figure in figure.value.map { ($0, figure.count) } }
      let count = known.reduce(0) { $0 + $1.1 }
      return count == 0 ? nil : known.reduce(0) { $0 + $1.0 * Double($1.1) } / Double(count)
    }
    func scores(_ path: (Self) -> PrequentialReport.Scores?) -> PrequentialReport.Scores? {
      let found = periods.compactMap { period in path(period).map { (period, $0) } }
      guard !found.isEmpty else { return nil }
      let seconds = found.compactMap(\.1.seconds)
      return PrequentialReport.Scores(
        old: mean(found.map { ($1.old, $0.oldEvents) }),
        new: mean(found.map { ($1.new, $0.newEvents) }),
        all: mean(found.map { ($1.all, $0.oldEvents + $0.newEvents) }),
        seconds: seconds.isEmpty ? nil : seconds.reduce(0, +))
    }
    from = periods[0].from
    to = periods[periods.count - 1].to
    oldEvents = periods.reduce(0) { $0 + $1.oldEvents }
    newEvents = periods.reduce(0) { $0 + $1.newEvents }
    earlier = scores(\.earlier) ?? PrequentialReport.Scores()
    continued = scores(\.continued) ?? PrequentialReport.Scores()
    scratch = scores(\.scratch)
  }
}
