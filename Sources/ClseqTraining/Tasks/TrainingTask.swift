import ClseqData
import ClseqModels
import ClseqOps

/// What a model is trained for: the examples, and the loss to minimise.
protocol TrainingTask {
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
  ///   - moment: the step, for a loss that changes in the course of training.
  func loss(
    of states: Tensor, _ batch: RaggedBatch, _ arrays: ArraySlice<Indices>,
    dividedBy divisor: [Float], at moment: TrainingMoment, on tape: Tape
  ) throws -> Tensor
  /// What makes sums over a batch means: a number for each loss that the task has.
  func divisor(of batch: RaggedBatch) -> [Float]
}
