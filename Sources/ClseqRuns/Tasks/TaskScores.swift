import ClseqMetrics

/// Metrics in the order in which they are shown, the selection metric first.
public struct TaskScores: Equatable, Sendable {
  /// A figure and its name.
  public struct Entry: Equatable, Sendable {
    /// Such as `NDCG@10`.
    public let name: String
    /// The figure; not a number where it is not defined.
    public let value: Double
  }

  /// All figures.
  public private(set) var entries: [Entry] = []

  /// No figures.
  public init() {}

  /// The figures of several tasks, one after the other.
  package init(_ parts: [TaskScores]) { entries = parts.flatMap(\.entries) }

  /// The same figures of one of several parts of a task.
  package func named(of part: String) -> TaskScores {
    var scores = TaskScores()
    for entry in entries { scores.append("\(part) \(entry.name)", entry.value) }
    return scores
  }

  /// Adds a figure after the others.
  package mutating func append(_ name: String, _ value: Double?) {
    entries.append(Entry(name: name, value: value ?? .nan))
  }

  /// The names in order.
  public var names: [String] { entries.map(\.name) }

  /// The figures by name.
  public var dictionary: [String: Double] {
    Dictionary(entries.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first })
  }

  /// A figure by name; nil if there is none.
  public subscript(name: String) -> Double? { entries.first { $0.name == name }?.value }
}

/// The figure that epochs are chosen by.
public struct SelectionMetric: Equatable, Sendable {
  /// Its name.
  public let name: String
  /// Whether more is better.
  public let isHigherBetter: Bool

  /// A figure by its name, such as `NDCG@10` or, of a part, `return concordance`. Of errors and losses
  /// smaller is better.
  public init(name: String) {
    let errors = [
      RMSE.name, MAE.name, LogLoss.name, CalibrationError().title, Self.likelihood.name,
      Self.objective.name,
    ]
    self.init(name: name, isHigherBetter: !errors.contains { name.hasSuffix($0) })
  }

  init(name: String, isHigherBetter: Bool) {
    self.name = name
    self.isHigherBetter = isHigherBetter
  }

  /// The deciding figure of a ranking of items.
  package static let ranking = SelectionMetric(name: "NDCG@10", isHigherBetter: true)

  /// Nats by which the events of sequences are unlikely, a mean over events.
  package static let likelihood = SelectionMetric(name: "NLL", isHigherBetter: false)

  /// The same with the divergence of codes by its weight: the loss after its warm-up, without free nats.
  package static let objective = SelectionMetric(name: "objective", isHigherBetter: false)

  /// The deciding figure of sequences that are written back.
  ///
  /// - Parameter isVariational: Whether codes have a distribution.
  package static func reconstruction(isVariational: Bool) -> SelectionMetric {
    isVariational ? objective : likelihood
  }

  /// The same figure of one of several parts of a task.
  package func named(of part: String) -> SelectionMetric {
    SelectionMetric(name: "\(part) \(name)", isHigherBetter: isHigherBetter)
  }

  /// The figure such that more is better; nil where it is not there or no number.
  public func orientedValue(of scores: [String: Double]) -> Double? {
    scores[name].flatMap { $0.isNaN ? nil : isHigherBetter ? $0 : -$0 }
  }

  /// The figure such that more is better; NaN where it is not there.
  package func orientedValue(_ scores: TaskScores) -> Double {
    let value = scores[name] ?? .nan
    return isHigherBetter ? value : -value
  }
}
