public import ClseqBase
public import ClseqData
public import ClseqInference
public import ClseqRuns

extension Trainer {
  /// The figures of the task on a part, with the present parameters.
  ///
  /// - Parameters:
  ///   - part: The part of the split.
  ///   - progress: Receives the progress of scoring.
  public func scores(
    of part: Split.Part, progress: @escaping ProgressHandler
  ) throws -> TaskScores {
    TaskScores(try cases(of: part, progress: progress))
  }

  /// The answers to the cases of a part, with the present parameters: one set for each task. Figures,
  /// intervals, groups and comparisons are taken from them.
  ///
  /// - Parameters:
  ///   - part: The part of the split.
  ///   - progress: Receives the progress of scoring.
  public func cases(
    of part: Split.Part, progress: @escaping ProgressHandler
  ) throws -> [ScoredCases] {
    try job.scoring.cases(of: part, by: runner(telling: progress))
  }

  /// Ranks the targets of another split of the same items.
  ///
  /// - Parameters:
  ///   - split: The split.
  ///   - progress: Receives the progress of ranking.
  public func evaluator(of split: Split, progress: @escaping ProgressHandler) -> Evaluator {
    Evaluator(runner(telling: progress), split: split)
  }

  private func runner(telling progress: @escaping ProgressHandler) -> ModelRunner {
    var runner = runner
    runner.progress = progress
    return runner
  }
}
