import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps

/// What a model is trained for: the examples, and the loss to minimise.
protocol TrainingTask {
  /// The examples of an epoch.
  var examples: Examples { get }
  /// Adds the arrays that the loss of a batch needs to those that are uploaded with it.
  ///
  /// - Parameters:
  ///   - epoch: from 0.
  ///   - step: of the whole run, from 0.
  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss
  /// What the sums over a batch are divided by, for each loss that the task has: the number of cases over
  /// the factor of the loss, 0 without a case. An epoch's mean weights the batches by it.
  func divisor(of batch: RaggedBatch) -> [Float]
}

/// The losses of a batch, `[1]` each, from whose sum the backward pass starts. In training a loss over item vectors adds
/// their gradient to the table's as it is computed, so that gradients are zeroed before.
///
/// - Parameters:
///   - states: of the events with a target, `[S, state width]`.
///   - arrays: those of the upload.
///   - divisor: what the sums over the batch are divided by: `divisor(of:)` of the batch, or of a larger
///     one that it is a part of, with 1 in place of 0.
///   - moment: the step, for a loss that changes in the course of training.
///   - tape: the tape.
typealias BatchLoss = (
  _ states: Tensor, _ arrays: UploadedArrays, _ divisor: [Float], _ moment: TrainingMoment,
  _ tape: Tape
) throws -> [Tensor]
