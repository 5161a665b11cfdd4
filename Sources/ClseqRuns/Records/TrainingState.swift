import ClseqBase
import Foundation

/// Where a run stands between two steps: all that a checkpoint holds beside the arrays.
package struct TrainingState: Codable, Equatable, Sendable {
  /// Epoch in progress, from 1.
  package var epoch = 1
  /// Batches of this epoch that are done.
  package var batch = 0
  /// Steps of the whole run that are done.
  package var step = 0
  /// Sum over this epoch's events of their losses.
  package var lossSum = 0.0
  /// The same of auxiliary losses, by name; nil before the first.
  package var auxiliarySums: [String: Double]?
  /// Events of this epoch that are done.
  package var eventCount = 0
  /// Time spent in this epoch's training steps.
  package var elapsedSeconds = 0.0
  /// Validation scores so far.
  package var stopping: EarlyStopping
  /// Events a second of every epoch that is done.
  package var rates: [Double] = []
  /// The name of the checkpoint of the epoch with the best score.
  package var bestCheckpoint: String?

  package init(stopping: EarlyStopping) { self.stopping = stopping }

  /// Moves on to the next epoch.
  package mutating func finishEpoch() {
    rates.append(eventsPerSecond)
    epoch += 1
    batch = 0
    lossSum = 0
    auxiliarySums = nil
    eventCount = 0
    elapsedSeconds = 0
  }
}

extension TrainingState {
  /// The name of its file in a checkpoint.
  package static let fileName = "state.json"

  /// The state that a checkpoint holds, nil where it holds none that can be read.
  package init?(in checkpoint: Checkpoint) {
    guard let bytes = try? DurableFiles.bytes(of: checkpoint.file(Self.fileName)),
      let state = try? JSONText.decoder.decode(Self.self, from: bytes),
      state.isPossible
    else { return nil }
    self = state
  }

  /// Whether a training can have come to this: a file may hold anything, and numbers are counted on
  /// from here.
  private var isPossible: Bool {
    let counts = [epoch, batch, step, eventCount, stopping.staleCount]
    return counts.allSatisfy { 0..<1 << 52 ~= $0 } && 1...1 << 31 ~= epoch
      && (rates + [elapsedSeconds, eventsPerSecond]).allSatisfy { 0..<0x1p52 ~= $0 }
      && stopping.recentScores.count <= EarlyStopping.window
      && bestCheckpoint.map { !$0.contains("/") && !$0.hasPrefix(".") } ?? true
  }

  /// Mean loss of this epoch's events so far; 0 before the first.
  package var meanLoss: Double { eventCount > 0 ? lossSum / Double(eventCount) : 0 }

  /// Mean auxiliary losses of this epoch's events so far, by name; nil where there are none.
  package var meanAuxiliaryLosses: [String: Double]? {
    auxiliarySums?.mapValues { eventCount > 0 ? $0 / Double(eventCount) : 0 }
  }

  /// Adds the mean losses of the events of a batch.
  package mutating func add(
    loss: Float, _ auxiliary: some Sequence<(String, Float)>, eventCount: Int
  ) {
    let weight = Double(eventCount)
    lossSum += Double(loss) * weight
    for (name, value) in auxiliary {
      auxiliarySums = auxiliarySums ?? [:]
      auxiliarySums?[name, default: 0] += Double(value) * weight
    }
    self.eventCount += eventCount
  }

  /// The first step that may be missing in logs: an epoch in progress is logged at its end.
  package var firstUnloggedStep: Int { batch > 0 ? step : step + 1 }

  /// Events of this epoch so far over the time for them; 0 before the first.
  package var eventsPerSecond: Double {
    elapsedSeconds > 0 ? Double(eventCount) / elapsedSeconds : 0
  }
}

/// A line of `metrics.jsonl`.
package struct EpochMetrics: Codable, Equatable, Sendable {
  package var epoch: Int
  package var step: Int
  package var loss: Double
  package var learningRate: Double
  package var eventsPerSecond: Double
  package var validation: [String: Double]
  /// The model's auxiliary losses by name, without their weights; nil where there are none.
  package var auxiliaryLosses: [String: Double]?

  package init(
    epoch: Int, step: Int, loss: Double, learningRate: Double, eventsPerSecond: Double,
    validation: [String: Double], auxiliaryLosses: [String: Double]? = nil
  ) {
    self.auxiliaryLosses = auxiliaryLosses
    self.epoch = epoch
    self.step = step
    self.loss = loss
    self.learningRate = learningRate
    self.eventsPerSecond = eventsPerSecond
    self.validation = validation
  }

  private enum CodingKeys: String, CodingKey {
    case epoch, step, loss, validation
    case learningRate = "learning_rate"
    case eventsPerSecond = "events_per_second"
    case auxiliaryLosses = "auxiliary_losses"
  }
}
