package import ClseqData
public import ClseqRuns

/// How the model of a task is scored.
package protocol TaskScoring {
  /// The figure that epochs are chosen by.
  var selection: SelectionMetric { get }
  /// Simple answers to the same cases, from the truths of training alone; none where there are none.
  func neighbours(of part: Split.Part) -> [Neighbour]
  /// The answers of the present model to the cases of a part of the split: one for each task.
  func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases]
}

/// A simple answer that a model should beat.
public struct Neighbour: Sendable {
  /// What it is, for a column of a table.
  public let title: String
  /// Its figures on the cases of the model.
  public let scores: TaskScores
}
