public import ClseqOps

/// A further loss of a model, beside that of the task.
public struct AuxiliaryLoss: Equatable, Sendable {
  /// The name in logs.
  public let name: String
  /// The factor in the loss to minimise; logs have the loss without it.
  public let weight: Float

  /// A loss with a name and a weight above 0.
  public init(_ name: String, weight: Float) {
    precondition(weight > 0, "AuxiliaryLoss \(name): weight \(weight)")
    (self.name, self.weight) = (name, weight)
  }
}

/// A step of training, for losses that change in its course.
public struct TrainingMoment: Equatable, Sendable {
  /// The epoch, from 0.
  public let epoch: Int
  /// The step of the whole run, from 0.
  public let step: Int
  /// Events of the whole batch. A pass may have a part of them: sums are divided by this number.
  public let eventCount: Int

  /// A moment from all its fields.
  public init(epoch: Int, step: Int, eventCount: Int) {
    (self.epoch, self.step, self.eventCount) = (epoch, step, eventCount)
  }
}

/// The result of a model in training.
public struct TrainingStates {
  /// States after the events that were asked for, `[S, state width]`.
  public let states: Tensor
  /// The value of each of the model's auxiliary losses, `[1]`: the sum over events, times the loss's
  /// weight, divided by the events of the whole batch. Losses compute gradients in the forward pass, so
  /// that all of it goes into their `scale`.
  public let losses: [Tensor]

  /// States, and the values of ``SequenceModel/auxiliaryLosses`` in their order.
  public init(_ states: Tensor, losses: [Tensor] = []) {
    (self.states, self.losses) = (states, losses)
  }
}
