import ClseqMetrics
public import ClseqRuns

/// The result of `clseq evaluate --steps N`.
public struct GenerationSummary: Encodable, Sendable {
  /// A step's figures by name (`HR@10`).
  public struct Step: Encodable, Sendable, Equatable {
    /// The step, from 1.
    public let step: Int
    /// Its figures.
    public let scores: [String: Double]
  }

  /// Path of the run directory.
  public let run: String
  /// `validation` or `test`.
  public let split: String
  /// Users with as many events in the part as were generated.
  public let users: Int
  /// The figures of each step.
  public let steps: [Step]
  /// Those of whole sequences by name (`BLEU-4`).
  public let sequences: [String: Double]
  /// The protocol.
  public let passport: Passport
  /// The names of the figures of steps in the order of tables.
  public let stepNames: [String]
  /// Those of sequences.
  public let sequenceNames: [String]

  /// The figures of some cases.
  public init(run: String, split: String, cases: GenerationCases, passport: Passport) {
    (self.run, self.split, self.passport) = (run, split, passport)
    users = cases.users.count
    let metrics = cases.metrics()
    let names = ["HR@1", "HR@10", "NDCG@10"]
    steps = metrics.enumerated().map { number, metrics in
      Step(step: number + 1, scores: metrics.dictionary.filter { names.contains($0.key) })
    }
    stepNames = names
    var (sequences, titles): ([String: Double], [String]) = ([:], [])
    for metric in SequenceMetrics.metrics.map({ $0.init() }) {
      titles.append(metric.title)
      sequences[metric.title] = metric.value(generated: cases.generated, truths: cases.truths)
    }
    (self.sequences, sequenceNames) = (sequences, titles)
  }

  private enum CodingKeys: String, CodingKey {
    case run, split, users, steps, sequences, passport
  }
}
