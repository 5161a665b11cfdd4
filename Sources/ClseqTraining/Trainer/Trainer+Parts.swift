package import ClseqData
package import ClseqInference
import ClseqNN
import ClseqOps
import ClseqRuns
import Foundation

extension Trainer {
  /// What a head says of an event, or a user, that the evaluation asks about.
  package struct AskedRow {
    /// The user, from 0 in the split's dataset.
    package let user: Int
    /// The place of the event that is asked about, or after which is asked.
    package let place: Int
    package let said: Prediction
  }

  /// What the present model says of all that the evaluation of a part asks about, for each head.
  package func predictions(of part: Split.Part) throws -> [[AskedRow]] {
    let scorings = (job.scoring as? MultiScoring)?.parts.map(\.scoring) ?? [job.scoring]
    return try scorings.compactMap { $0 as? RowScoring }.map { task in
      let outputs = try task.outputs(of: part, by: runner)
      return (0..<outputs.count).map { row in
        let values = outputs.values[row * outputs.width..<(row + 1) * outputs.width]
        return AskedRow(
          user: Int(outputs.users[row]), place: outputs.places[row],
          said: Prediction(task.goal, Array(values)))
      }
    }
  }

  /// Whether the model is asked about each event.
  package var asksAboutEvents: Bool { job.description.inputs.asksAboutEvents }

  /// From when targets look ahead in training and evaluation, if they do.
  package var cutoff: Int64? { job.description.cutoff }
}

/// What a step has computed up to its loss.
struct ForwardPass {
  let events: EventBatch
  let tape: Tape
  /// `[N, state width]`.
  let states: Tensor
  /// `[1]`, with the auxiliary losses.
  let loss: Tensor
  /// The auxiliary losses by their weights, `[1]` each.
  let auxiliary: [Tensor]
}

/// The values of a step, still on the device.
struct StepValues {
  /// `[1]`.
  let loss: Tensor
  /// The norm of the gradient, and the factor that clipped it: `[2]`.
  let norm: Tensor
  /// The auxiliary losses by their weights, `[1]` each.
  let auxiliary: [Tensor]
}
