/// The result of `clseq train`.
public struct TrainingSummary: Codable, Equatable, Sendable {
  /// Path of the run directory.
  public var run: String?
  /// The epoch whose checkpoint is kept as the best, from 1.
  public var bestEpoch: Int
  /// Epochs that were trained.
  public var epochs: Int
  /// Scores of the best epoch by name (`NDCG@10`).
  public var validation: [String: Double]
  /// Scores of the best checkpoint on the test targets.
  public var test: [String: Double]
  /// Events by wall time of training epochs, without evaluation and checkpoints: the median of
  /// the epochs after the first.
  public var trainingEventsPerSecond: Double
  /// Wall time from the start of the program to the end of the first step.
  public var secondsToFirstStep: Double
  /// Peak of device memory in use.
  public var peakDeviceBytes: Int
  /// Peak resident memory of the process; nil where the system does not report it.
  public var peakResidentBytes: Int?
  /// The protocol of the scores.
  public var passport: Passport
  /// The names of the scores in the order in which they are shown.
  public var scoreNames: [String] = []

  /// A summary from all its fields.
  public init(
    run: String?, bestEpoch: Int, epochs: Int, validation: [String: Double], test: [String: Double],
    trainingEventsPerSecond: Double, secondsToFirstStep: Double, peakDeviceBytes: Int,
    peakResidentBytes: Int?, passport: Passport
  ) {
    self.run = run
    self.bestEpoch = bestEpoch
    self.epochs = epochs
    self.validation = validation
    self.test = test
    self.trainingEventsPerSecond = trainingEventsPerSecond
    self.secondsToFirstStep = secondsToFirstStep
    self.peakDeviceBytes = peakDeviceBytes
    self.peakResidentBytes = peakResidentBytes
    self.passport = passport
  }

  private enum CodingKeys: String, CodingKey {
    case run, epochs, validation, test, passport
    case bestEpoch = "best_epoch"
    case trainingEventsPerSecond = "training_events_per_second"
    case secondsToFirstStep = "seconds_to_first_step"
    case peakDeviceBytes = "peak_device_bytes"
    case peakResidentBytes = "peak_resident_bytes"
  }
}
