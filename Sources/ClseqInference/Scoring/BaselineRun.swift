import ClseqBase
public import ClseqData
import ClseqOps
public import ClseqRuns
public import ClseqSettings

/// A baseline in the place of a trained model: fitted by counting, scored by the same protocol, and
/// kept as a run directory, so that `evaluate` and `compare` take it like any other.
public struct BaselineRun {
  /// What the scores depend on.
  public let passport: Passport
  private let ranker: any BaselineRanker
  /// What it is fitted to and scored on.
  public let split: Split
  private let settings: TrainingSettings

  /// Fits a baseline.
  ///
  /// - Throws: What splitting the dataset can throw.
  public init(
    _ baseline: Baseline, _ settings: TrainingSettings, dataset: SequenceDataset
  ) throws {
    self.init(baseline, settings, split: try settings.split(dataset))
  }

  /// Fits a baseline to a split.
  public init(_ baseline: Baseline, _ settings: TrainingSettings, split: Split) {
    self.settings = settings
    self.split = split
    ranker = baseline.fitted(to: split)
    passport = Passport(settings, split: split, backend: .reference())
  }

  /// The rank of each user's target, from 1, in the order of `Split/users(of:)`; then misses.
  public func ranks(of part: Split.Part) -> [Int] {
    ranker.ranks(for: part) + split.missedRanks(of: part)
  }

  /// The figures on a part.
  public func scores(of part: Split.Part) -> TaskScores {
    TaskScores([ScoredCases(ranks: ranks(of: part), of: split, part)])
  }

  /// Writes the settings, the passport, the vocabulary and the counts of items.
  ///
  /// - Throws: `FileError`, `DataError.cannotWrite`.
  public func save(to run: RunDirectory) throws {
    try split.dataset.vocabulary.write(to: run.layout.vocabularyPath)
    try RunItems.writeCounts(split, to: run)
    try run.write(settings.yaml, to: run.layout.configPath)
    try run.write(try JSONText.document(passport), to: run.layout.passportPath)
  }
}

extension Split {
  /// A target that training does not know is a miss at any cutoff: the ranks of those of a part.
  func missedRanks(of part: Part) -> [Int] {
    Array(repeating: Int.max, count: coldTargetCount(of: part))
  }
}

/// The result of `clseq train` for a baseline.
public struct BaselineSummary: Encodable, Sendable {
  /// Path of the run directory.
  public let run: String
  /// Scores on the validation targets by name (`NDCG@10`).
  public let validation: [String: Double]
  /// Scores on the test targets.
  public let test: [String: Double]
  /// The protocol of the scores.
  public let passport: Passport

  /// A summary from all its fields.
  public init(
    run: String, validation: [String: Double], test: [String: Double], passport: Passport
  ) {
    self.run = run
    self.validation = validation
    self.test = test
    self.passport = passport
  }
}
