import ClseqData
import ClseqNN
import ClseqOps

/// What a model is trained for: the examples, what a step lessens, and how a model is scored.
protocol TrainingTask {
  /// The figure that epochs are chosen by.
  var selection: SelectionMetric { get }
  /// The examples of an epoch.
  var examples: Examples { get }
  /// Arrays that the loss of a batch needs, to be uploaded with it; numbers as their bits.
  ///
  /// - Parameters:
  ///   - epoch: from 0.
  ///   - step: of the whole run, from 0.
  func arrays(of batch: RaggedBatch, epoch: Int, step: Int) -> [[Int32]]
  /// How many arrays that gives.
  func arrayCount(of batch: RaggedBatch) -> Int
  /// The loss `[1]`, from which the backward pass starts.
  ///
  /// - Parameters:
  ///   - states: after each event, `[N, state width]`.
  ///   - arrays: what `arrays(of:epoch:step:)` gave.
  ///   - divisor: what the sum over the batch is divided by, from `divisor(of:)` of the batch, or of a
  ///     larger one that it is a part of.
  func loss(
    of states: Tensor, _ batch: RaggedBatch, _ arrays: ArraySlice<Indices>,
    dividedBy divisor: [Float],
    on tape: Tape
  ) throws -> Tensor
  /// What makes sums over a batch means: a number for each loss that the task has.
  func divisor(of batch: RaggedBatch) -> [Float]
  /// Who is left out of a part, or of training, counted by reason.
  ///
  /// - Parameter part: nil for training.
  func leftOut(of part: Split.Part?) -> [String: Int]
  /// Simple answers to the same cases, from the truths of training alone; none where there are none.
  func neighbours(of part: Split.Part) -> [Neighbour]
  /// The answers of the present model to the cases of a part of the split: one for each task.
  func cases(of part: Split.Part, by runner: ModelRunner) throws -> [ScoredCases]
}

/// A simple answer that a model should beat.
public struct Neighbour: Sendable {
  /// What it is, for a column of a table.
  public let title: String
  /// Its answers to the cases that the model is asked about.
  public let cases: [ScoredCases]
}
