import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps

/// Several tasks that share one pass of the model: their losses are added, each by its weight.
struct MultiTask: TrainingTask {
  /// A task and the factor of its loss.
  struct Part {
    let task: any TrainingTask
    let weight: Float
  }

  let parts: [Part]
  let examples: Examples

  func prepare(
    _ batch: RaggedBatch, epoch: Int, step: Int, in plan: inout UploadPlan
  ) -> BatchLoss {
    let losses = parts.map { $0.task.prepare(batch, epoch: epoch, step: step, in: &plan) }
    return { states, arrays, divisor, moment, tape in
      try zip(losses, divisor).flatMap { loss, divisor in
        try loss(states, arrays, [divisor], moment, tape)
      }
    }
  }

  /// Those of the parts, each over the part's weight.
  func divisor(of batch: RaggedBatch) -> [Float] {
    parts.map { $0.task.divisor(of: batch)[0] / $0.weight }
  }
}
