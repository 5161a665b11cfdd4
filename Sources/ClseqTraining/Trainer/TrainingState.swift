/// Where a run stands between two steps: all that a checkpoint holds beside the arrays.
struct TrainingState: Codable, Equatable, Sendable {
  /// Epoch in progress, from 1.
  var epoch = 1
  /// Batches of this epoch that are done.
  var batch = 0
  /// Steps of the whole run that are done.
  var step = 0
  /// Sum over this epoch's events of their losses.
  var lossSum = 0.0
  /// Events of this epoch that are done.
  var eventCount = 0
  /// Time spent in this epoch's training steps.
  var elapsedSeconds = 0.0
  /// Validation scores so far.
  var stopping: EarlyStopping
  /// Events a second of every epoch that is done.
  var rates: [Double] = []

  /// Moves on to the next epoch.
  mutating func finishEpoch() {
    rates.append(elapsedSeconds > 0 ? Double(eventCount) / elapsedSeconds : 0)
    epoch += 1
    batch = 0
    lossSum = 0
    eventCount = 0
    elapsedSeconds = 0
  }
}

/// A line of `metrics.jsonl`.
struct EpochMetrics: Codable, Equatable, Sendable {
  var epoch: Int
  var step: Int
  var loss: Double
  var learningRate: Double
  var eventsPerSecond: Double
  var validation: [String: Double]

  private enum CodingKeys: String, CodingKey {
    case epoch, step, loss, validation
    case learningRate = "learning_rate"
    case eventsPerSecond = "events_per_second"
  }
}
