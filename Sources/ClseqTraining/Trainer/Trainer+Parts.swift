package import ClseqData
package import ClseqInference
import ClseqNN
import ClseqOps
import ClseqRuns
import Foundation

extension Trainer {
  /// The output of a head for an event, or a user, of an evaluation.
  package struct PredictedRow {
    /// The user, from 0 in the split's dataset.
    package let user: Int
    /// The place of the event with the prediction, or before it.
    package let place: Int
    package let said: Prediction
  }

  /// The outputs of the present model for all cases of a part's evaluation, by head.
  package func predictions(of part: Split.Part) throws -> [[PredictedRow]] {
    let scorings = (job.scoring as? MultiScoring)?.parts.map(\.scoring) ?? [job.scoring]
    return try scorings.compactMap { $0 as? RowScoring }.map { task in
      let outputs = try task.outputs(of: part, by: runner)
      return (0..<outputs.count).map { row in
        let values = outputs.values[row * outputs.width..<(row + 1) * outputs.width]
        return PredictedRow(
          user: Int(outputs.users[row]), place: outputs.places[row],
          said: Prediction(task.goal, Array(values)))
      }
    }
  }

  /// Whether each event has an answer of its own.
  package var answersForEvents: Bool { job.description.inputs.answersForEvents }

  /// From when targets look ahead in training and evaluation, if they do.
  package var cutoff: Int64? { job.description.cutoff }
}

/// What a step has computed up to its loss.
struct ForwardPass {
  let events: EventBatch
  let tape: Tape
  /// Of the events with a target, `[S, state width]`.
  let states: Tensor
  /// The losses of the task, then the auxiliary ones by their weights, `[1]` each.
  let losses: [Tensor]
  /// Their sum, `[1]`.
  let loss: Tensor
}

/// The events with a target of a batch, where others have none.
struct TargetRows {
  private let (rows, times, sequences):
    (UploadPlan.Integers, UploadPlan.Integers, UploadPlan.Integers)
  private let index: UploadPlan.Rows

  /// Adds them to an upload.
  init(_ batch: RaggedBatch, in plan: inout UploadPlan) {
    let targets = batch.targetRows
    rows = plan.integers(targets)
    times = plan.integers(targets.map { batch.times[Int($0)] })
    sequences = plan.integers(targets.map { batch.sequences[Int($0)] })
    index = plan.rows(RowIndex(targets, rowCount: batch.eventCount))
  }

  func rows(in arrays: UploadedArrays) -> EventRows {
    // Their items are not looked up.
    EventRows(
      arrays[rows], index: arrays[index],
      events: EventIndices(
        items: arrays[rows], times: arrays[times], sequences: arrays[sequences]))
  }
}

/// The values of a step, still on the device.
struct StepValues {
  /// The losses of the task, then the auxiliary ones by their weights, `[1]` each.
  let losses: [Tensor]
  /// What the sum of each was divided by: that of the task's losses, then the number of events.
  let divisors: [Float]
  /// The norm of the gradient, and the factor that clipped it: `[2]`.
  let norm: Tensor
}
