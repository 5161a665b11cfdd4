import ClseqData
import ClseqMetrics

/// How well scores tell sequences that are labelled as anomalies from ordinary ones.
public struct AnomalyCheck: Encodable, Sendable {
  /// The figures of a kind of anomalies, each against all ordinary sequences.
  public struct Kind: Encodable, Sendable {
    /// The label; `all` for all anomalies together.
    public let kind: String
    /// Sequences with this label and a score.
    public let sequences: Int
    /// The area under the ROC curve.
    public let auc: Double?
    /// The same with the events of each sequence in a random order: the order's part is the difference.
    public let aucShuffled: Double?
    /// The average precision.
    public let averagePrecision: Double?
    /// The share that is flagged.
    public let recall: Double
    /// The share with each ``BehaviourPattern``.
    public let patterns: [String: Double]

    private enum CodingKeys: String, CodingKey {
      case kind, sequences, recall, patterns
      case auc = "AUC"
      case aucShuffled = "AUC_in_random_order"
      case averagePrecision = "PR-AUC"
    }
  }

  /// The label of ordinary sequences in ``kinds``.
  public static let ordinary = "ordinary"

  /// First all anomalies together, then each kind, then ordinary sequences, which have shares alone.
  public let kinds: [Kind]
  /// Sequences without a label.
  public let unlabelled: Int

  init(_ cases: LabelledSequences, shuffled: [Double?]) {
    unlabelled = cases.unlabelledCount
    let ordinary = cases.places(of: nil)
    let anomalies = cases.kinds.map { ($0, cases.places(of: $0)) }
    let all = ("all", anomalies.flatMap(\.1))
    kinds = ([all] + anomalies + [(Self.ordinary, ordinary)]).map { name, places in
      let isOrdinary = name == Self.ordinary
      func value(_ metric: some ScoreMetric, _ scores: (Int) -> Double?) -> Double? {
        guard !isOrdinary else { return nil }
        let pairs =
          places.map { (true, scores($0)) } + ordinary.map { (false, scores($0)) }
        let known = pairs.compactMap { pair in pair.1.map { (pair.0, $0) } }
        return metric.value(labels: known.map(\.0), scores: known.map(\.1))
      }
      let sequences = places.map { cases.sequences[$0] }
      func share(_ holds: (LabelledSequences.Sequence) -> Bool) -> Double {
        Double(sequences.count(where: holds)) / Double(max(1, sequences.count))
      }
      return Kind(
        kind: name, sequences: places.count,
        auc: value(AUC()) { cases.sequences[$0].score },
        aucShuffled: value(AUC()) { shuffled[cases.sequences[$0].number] },
        averagePrecision: value(AveragePrecision()) { cases.sequences[$0].score },
        recall: share(\.isFlagged),
        patterns: Dictionary(
          uniqueKeysWithValues: BehaviourPattern.allCases.map { pattern in
            (pattern.rawValue, share { $0.patterns.contains(pattern) })
          }))
    }
  }
}

/// Labelled sequences and their scores.
struct LabelledSequences {
  struct Sequence {
    /// Among all sequences of the log, from 0.
    let number: Int
    /// The kind of anomaly; nil for an ordinary sequence.
    let kind: String?
    let score: Double
    let isFlagged: Bool
    let patterns: [BehaviourPattern]
  }

  private(set) var sequences: [Sequence] = []
  private(set) var unlabelledCount = 0
  /// In ascending order.
  let kinds: [String]
  private let labels: SequenceLabels
  private var nextNumber = 0

  /// - Throws: `DataError.unfit` for labels of no sequence of the log, or of one kind alone.
  init(_ labels: SequenceLabels, of log: AnomalyLog) throws(DataError) {
    var (kinds, hasOrdinary, first): (Set<String>, Bool, String?) = ([], false, nil)
    for stretch in log.events.stretches(log.request.subject) {
      let (id, user, _) = log.name(stretch)
      first = first ?? id
      guard let label = labels.label(of: id, user: user) else { continue }
      if SequenceLabels.ordinary.contains(label) { hasOrdinary = true } else { kinds.insert(label) }
    }
    guard hasOrdinary || !kinds.isEmpty else {
      throw .unfit(
        path: labels.path, what: "no label is of a sequence of \(log.events.all.source.name)",
        expected: "the ids of users or sequences of the log, such as \"\(first ?? "")\"")
    }
    guard hasOrdinary, !kinds.isEmpty else {
      let ordinary = SequenceLabels.ordinary.sorted().joined(separator: ", ")
      throw .unfit(
        path: labels.path,
        what: hasOrdinary
          ? "every label is of an ordinary sequence" : "no label is of an ordinary sequence",
        expected: "both: ordinary ones are \(ordinary), and all other labels are kinds of anomalies"
      )
    }
    (self.labels, self.kinds) = (labels, kinds.sorted())
  }

  /// Takes the next sequence of the log.
  mutating func add(_ entry: AnomalyReport.Entry) {
    defer { nextNumber += 1 }
    guard let score = entry.score else { return }
    guard let label = labels.label(of: entry.id, user: entry.user) else {
      unlabelledCount += 1
      return
    }
    sequences.append(
      Sequence(
        number: nextNumber, kind: SequenceLabels.ordinary.contains(label) ? nil : label,
        score: score, isFlagged: entry.isFlagged, patterns: entry.patterns))
  }

  /// The places of a kind among ``sequences``.
  func places(of kind: String?) -> [Int] {
    sequences.indices.filter { sequences[$0].kind == kind }
  }
}
