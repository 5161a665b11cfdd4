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
  /// Steps that the optimiser's moments had seen before the run, of one that goes on from another.
  package var earlierSteps = 0
  /// The losses of this epoch: those of the task, then the model's auxiliary ones by their weights. Empty
  /// before the first step.
  package private(set) var losses: [LossMean] = []
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

  /// The state of a checkpoint. Earlier versions kept the one sum `lossSum`, over the events.
  package init(from decoder: any Decoder) throws {
    let values = try decoder.container(keyedBy: CodingKeys.self)
    epoch = try values.decode(Int.self, forKey: .epoch)
    batch = try values.decode(Int.self, forKey: .batch)
    step = try values.decode(Int.self, forKey: .step)
    eventCount = try values.decode(Int.self, forKey: .eventCount)
    elapsedSeconds = try values.decode(Double.self, forKey: .elapsedSeconds)
    stopping = try values.decode(EarlyStopping.self, forKey: .stopping)
    rates = try values.decode([Double].self, forKey: .rates)
    bestCheckpoint = try values.decodeIfPresent(String.self, forKey: .bestCheckpoint)
    earlierSteps = try values.decodeIfPresent(Int.self, forKey: .earlierSteps) ?? 0
    if values.contains(.losses) {
      losses = try values.decode([LossMean].self, forKey: .losses)
    } else if eventCount > 0 {
      let sum = try decoder.container(keyedBy: EarlierKeys.self).decode(
        Double.self, forKey: .lossSum)
      losses = [LossMean(sum: sum, weight: Double(eventCount))]
    }
  }

  private enum EarlierKeys: CodingKey { case lossSum }

  /// Moves on to the next epoch.
  package mutating func finishEpoch() {
    rates.append(eventsPerSecond)
    epoch += 1
    batch = 0
    losses = []
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
    let counts = [epoch, batch, step, earlierSteps, eventCount, stopping.staleCount]
    return counts.allSatisfy { 0..<1 << 52 ~= $0 } && 1...1 << 31 ~= epoch
      && (rates + [elapsedSeconds, eventsPerSecond] + losses.map(\.weight))
        .allSatisfy { 0..<0x1p52 ~= $0 }
      && stopping.recentScores.count <= EarlyStopping.window
      && bestCheckpoint.map { !$0.contains("/") && !$0.hasPrefix(".") } ?? true
  }

  /// The mean loss of this epoch so far: the sum of the means of its losses.
  package var meanLoss: Double { losses.reduce(0) { $0 + $1.mean } }

  /// Adds the losses of a batch, always as many.
  ///
  /// - Parameters:
  ///   - values: sums over the batch, each divided by its number of `divisors`.
  ///   - divisors: they weight the batches of an epoch; 0 for a loss without a case in the batch.
  ///   - eventCount: N of the batch.
  package mutating func add(_ values: [Float], dividedBy divisors: [Float], eventCount: Int) {
    precondition(
      values.count == divisors.count, "losses: \(values.count), \(divisors.count) divisors")
    // So too after the one sum of an earlier version, which cannot be told apart by losses.
    if losses.count != values.count { losses = values.map { _ in LossMean() } }
    for (index, (value, divisor)) in zip(values, divisors).enumerated() {
      losses[index].sum += Double(value) * Double(divisor)
      losses[index].weight += Double(divisor)
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

/// A mean over the cases of an epoch so far.
package struct LossMean: Codable, Equatable, Sendable {
  /// The sum over the cases.
  package var sum = 0.0
  /// The number of cases over the factor of the loss.
  package var weight = 0.0

  /// The mean; 0 before the first case.
  package var mean: Double { weight > 0 ? sum / weight : 0 }
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
