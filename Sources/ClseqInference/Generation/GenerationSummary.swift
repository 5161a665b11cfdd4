import ClseqMetrics
public import ClseqRuns
public import ClseqShop

/// The result of `clseq evaluate --steps N`.
public struct GenerationSummary: Encodable, Sendable {
  /// A step's figures by name (`HR@10`).
  public struct Step: Encodable, Sendable, Equatable {
    /// The step, from 1.
    public let step: Int
    /// Its figures.
    public let scores: [String: Double]
  }

  /// Another ranker's figures for the same events.
  public struct Ranker: Encodable, Sendable, Equatable {
    /// The title in tables.
    public let title: String
    /// The figures of each step by name.
    public let steps: [[String: Double]]
    /// The standard errors of these figures because paths are drawn; nil where they are exact.
    public let standardErrors: [[String: Double]]?

    private enum CodingKeys: String, CodingKey {
      case title, steps
      case standardErrors = "standard_errors"
    }
  }

  /// Path of the run directory.
  public let run: String
  /// `validation` or `test`.
  public let split: String
  /// Users with as many events in the part as were generated.
  public let users: Int
  /// The figures of each step.
  public let steps: [Step]
  /// Rankers beside the model: on a generated log the best possible ones; nil without any.
  public let others: [Ranker]?
  /// Those of whole sequences by name (`BLEU-4`).
  public let sequences: [String: Double]
  /// The protocol.
  public let passport: Passport
  /// The names of the figures of steps in the order of tables.
  public let stepNames: [String]
  /// Those of sequences.
  public let sequenceNames: [String]

  /// The name of the figure of types.
  private static let typeName = "type accuracy"
  /// The names of the figures of rankings.
  private static let stepNames = ["HR@1", "HR@10", "NDCG@10"]

  /// The figures of some cases.
  ///
  /// - Parameters:
  ///   - run: Path of the run directory.
  ///   - split: `validation` or `test`.
  ///   - cases: The cases.
  ///   - best: The ranks of the best possible rankers for these cases, where the log's shop is known.
  ///   - passport: The protocol.
  public init(
    run: String, split: String, cases: GenerationCases, best: ShopStepRanks? = nil,
    passport: Passport
  ) {
    (self.run, self.split, self.passport) = (run, split, passport)
    users = cases.users.count
    steps = Self.scores(cases.ranks).enumerated().map { step, scores in
      var scores = scores
      scores[Self.typeName] = cases.typeAccuracy(ofStep: step)
      return Step(step: step + 1, scores: scores)
    }
    others = best.map(Self.rankers)
    stepNames = Self.stepNames + (cases.types.isEmpty ? [] : [Self.typeName])
    var (sequences, titles): ([String: Double], [String]) = ([:], [])
    for metric in SequenceMetrics.metrics.map({ $0.init() }) {
      titles.append(metric.title)
      sequences[metric.title] = metric.value(generated: cases.generated, truths: cases.truths)
    }
    (self.sequences, sequenceNames) = (sequences, titles)
  }

  /// The figures of each step's ranks.
  private static func scores(_ ranks: [[Int]]) -> [[String: Double]] {
    ranks.map { ranks in
      RankingMetrics(ranks: ranks, cutoffs: [1, 10]).dictionary
        .filter { stepNames.contains($0.key) }
    }
  }

  /// The best possible rankers.
  private static func rankers(_ ranks: ShopStepRanks) -> [Ranker] {
    let metrics = stepNames.compactMap { RankingMetrics.metric(named: $0) }
    let errors = metrics.map { metric in ranks.standardErrors { metric.value(rank: $0) } }
    let errorsOfSteps = ranks.best.indices.map { step in
      Dictionary(uniqueKeysWithValues: zip(metrics, errors).map { ($0.title, $1[step]) })
    }
    return [
      Ranker(
        title: "best possible", steps: scores(ranks.best), standardErrors: errorsOfSteps),
      Ranker(
        title: "best by its own guesses", steps: scores(ranks.greedy), standardErrors: nil),
    ]
  }

  private enum CodingKeys: String, CodingKey {
    case run, split, users, steps, others, sequences, passport
  }
}
