import ClseqData
import ClseqInference
import ClseqNN
import ClseqOps

extension Trainer {
  /// Goes through a step once more to find the first number that is not finite: in the parameters, the
  /// numbers of events, the states, the loss, the gradients.
  func firstBadNumber(of batch: RaggedBatch, step: Int) throws -> TrainingDiverged {
    func find(_ name: String, _ tensor: Tensor) throws -> TrainingDiverged? {
      let values = try backend.read(tensor)
      return values.firstIndex { !$0.isFinite }.map {
        TrainingDiverged(step: step, tensor: name, element: $0, value: values[$0])
      }
    }
    for parameter in store.parameters {
      if let found = try find(parameter.name, parameter.value) { return found }
    }
    try backend.fillZero(store.gradients)
    let batch = job.views.view(of: batch, epoch: state.epoch - 1)
    let divisor = job.task.divisor(of: batch)
    for part in batch.parts(ofAtMost: passEventLimit) {
      let pass = try forwardPass(
        part, of: batch, dividedBy: divisor, step: step - 1)
      if let found = try firstBadNumber(of: pass, step: step, find) { return found }
    }
    for parameter in store.parameters where parameter.isTrained {
      if let found = try find("the gradient of \(parameter.name)", parameter.gradient) {
        return found
      }
    }
    // The numbers are finite, and the sum of their squares is not.
    return TrainingDiverged(step: step, tensor: "the gradient's norm", element: 0, value: .infinity)
  }

  /// The first of a pass, which is then run back.
  private func firstBadNumber(
    of pass: ForwardPass, step: Int,
    _ find: (_ name: String, _ tensor: Tensor) throws -> TrainingDiverged?
  ) throws -> TrainingDiverged? {
    if let numbers = pass.events.inputs.numbers,
      let found = try find("the numbers of events", numbers)
    {
      return found
    }
    if let found = try find("the states", pass.states) { return found }
    let loss = try backend.read(pass.loss)
    if let value = loss.first, !value.isFinite {
      return TrainingDiverged(step: step, tensor: "the loss", element: 0, value: value)
    }
    try pass.tape.backward(from: pass.loss)
    try uploader.release()
    return nil
  }
}
