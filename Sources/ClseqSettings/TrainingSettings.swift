public import ClseqData
public import ClseqModels
public import ClseqOps

/// All settings of a training run, with their defaults.
///
/// Each property has a line in ``Setting/all``, from which its flag, its key in YAML and its
/// environment variable follow.
public struct TrainingSettings: Equatable, Sendable {
  // The model
  /// The kind of model.
  public var model = ModelChoice.transformer
  /// Inputs of one sequence; the most recent are kept.
  public var maxLength = 50
  /// Values of the model's own settings that were set, such as its width. Read and write them as
  /// `settings[.hiddenSize]`; the model's defaults hold for all others.
  public var modelValues = ModelValues()

  // The task
  /// What the model is trained for.
  public var task = TaskKind.nextItem
  /// Where the truth stands; nil for the task's usual place.
  public var target: TargetRule?
  /// Parts of `multi` and `pretrain` with their weights.
  public var tasks = TaskList.usual
  /// The least share of a sequence in a stretch that is compared.
  public var contrastShortest = 0.25
  /// What similarities of stretches are divided by at first.
  public var contrastTemperature = 0.1
  /// Seconds that targets look ahead.
  public var horizon = 0.0
  /// The moment from which they do; nil for the horizon before the log's end.
  public var cutoff: TimePoint?
  /// The loss that training minimises.
  public var loss = LossChoice.auto
  /// Negatives of the losses that sample items.
  public var negatives = 1
  /// Whom a draw of negatives is for.
  public var negativeSharing = NegativeSharing.auto
  /// How negatives are drawn.
  public var negativeSampling = NegativeSampling.uniform
  /// Part of a label that is spread over all items.
  public var labelSmoothing = 0.0
  /// Path of the run whose scores of items are learned; empty for none.
  public var teacher = ""
  /// Part of the loss that the teacher's scores make.
  public var teacherWeight = 0.5
  /// What scores of teacher and student are divided by before they are compared.
  public var teacherTemperature = 1.0
  /// t of gBCE: 0 for plain binary cross-entropy, 1 for full calibration.
  public var calibration = 0.75
  /// Where Huber's loss turns from a square to a line, in standard deviations of the target.
  public var huberDelta = 1.0
  /// Weights of classes in the loss.
  public var classWeights = ClassWeights.equal
  /// Intervals of time-to-event.
  public var bins = 20
  /// What is known of events beside items.
  public var inputs = InputChoice.auto
  /// Numbers of events that are read from a log.
  public var eventFeatures: [FeatureRequest] = []
  /// How states of events become what the heads of a task read.
  public var pooling = Pooling.last
  /// Path of the run whose best parameters training starts from; empty for random ones.
  public var startFrom = ""
  /// Path of the run that training goes on from, on a log that extends the run's; empty for none.
  public var continueFrom = ""
  /// Share of the sequences without new events that are trained on in each epoch of a run that goes on.
  public var replay = 0.2
  /// What stays as it is in that run.
  public var frozen = FrozenPart.none
  /// Factor of the learning rate per layer, from the heads down to the embeddings.
  public var layerRate = 1.0
  /// Share of the weights of that run's layers that a pruned model keeps; 1 for all.
  public var keepRatio = 1.0
  /// Rank of the adapters that are trained in place of that run's weights; 0 for none.
  public var loraRank = 0
  /// α of the adapters.
  public var loraAlpha = 16.0

  // Optimisation
  /// How gradients become steps.
  public var optimizer = OptimizerChoice.adamw
  /// Momentum of SGD.
  public var momentum = 0.9
  /// Whether SGD looks ahead (Nesterov).
  public var nesterov = false
  /// Sequences of one batch; not used where ``batchEvents`` is set.
  public var batchSize = 128
  /// Events of one batch; 0 to size batches by sequences.
  public var batchEvents = 0
  /// Maximum number of epochs.
  public var epochs = 200
  /// Epochs without a better validation NDCG@10 after which training stops; 0 for never.
  public var patience = 10
  /// Learning rate of AdamW.
  public var learningRate = 1e-3
  /// Course of the learning rate after the warm-up.
  public var schedule = ScheduleKind.constant
  /// Steps of linear warm-up.
  public var warmupSteps = 0
  /// Decoupled weight decay.
  public var weightDecay = 0.01
  /// The parameters that decay.
  public var decayed = DecayScope.all
  /// Decay of the first moment.
  public var beta1 = 0.9
  /// Decay of the second moment.
  public var beta2 = 0.98
  /// Largest global gradient norm; 0 for no clipping.
  public var clipNorm = 0.0
  /// Seconds after which training stops with a checkpoint; 0 for no limit.
  public var maxTime = 0.0
  /// When checkpoints are written, beside the ends of epochs.
  public var checkpointEvery = CheckpointInterval.epoch
  /// The newest checkpoints that are kept, beside the best.
  public var keepCheckpoints = 2
  /// Seed of every random number of training.
  public var seed: UInt64 = 42

  // The device
  /// `gpu`, `cpu`, `reference`, `PLATFORM:DEVICE` or a part of a name; empty for the first GPU,
  /// else a CPU.
  public var device = ""
  /// Tuning of the heavy kernels.
  public var tuning = TuningChoice.auto
  /// Of matrix products on a GPU.
  public var precision = Precision.float32
  /// Of activations that wait for the backward pass, and of item tables and their moments in training.
  public var storage = Tensor.ElementType.float32
  /// Bytes of device memory that may be used; 0 for what the device offers.
  public var memory = 0
  /// A folder of kernel sources to use in place of those built in; empty for none.
  public var kernels = ""
  /// Whether launches are timed and a table of kernels is printed.
  public var profile = false

  // Data
  /// Path of the log; empty for the built-in one.
  public var data = ""
  /// Paths of the logs that the log extends, the first first, separated by commas; empty for none.
  public var extends = ""
  /// How the log is written.
  public var dataFormat = DataFormatChoice.auto
  /// Name of the column of users; empty to recognise it. So with the other columns.
  public var userColumn = ""
  /// Name of the column of items.
  public var itemColumn = ""
  /// Name of the column of event types.
  public var typeColumn = ""
  /// Name of the column of times.
  public var timeColumn = ""
  /// Name of the column of the times at which events end.
  public var endColumn = ""
  /// Name of the column of labels, such as ratings.
  public var labelColumn = ""
  /// Name of the column of sessions.
  public var sessionColumn = ""
  /// Seconds without an event after which a new session begins; 0 for the sessions of a column.
  public var sessionGap = 0.0
  /// What becomes of events that lack a value.
  public var missing = MissingValues.error
  /// How times are written.
  public var timeFormat = TimeFormat.automatic
  /// The times of the events that are read; nil for all.
  public var timesBetween: TimeRange?
  /// Name of the table of a SQLite database; empty for its only one.
  public var table = ""
  /// A `SELECT` for the rows of a SQLite database, in place of a table.
  public var query = ""
  /// Malformed records that are passed over before one is an error.
  public var skipBad = FaultTolerance.none
  /// Path of the table of users; empty for none, or that of a prepared dataset.
  public var users = ""
  /// Path of the table of items; empty for none, or that of a prepared dataset.
  public var items = ""
  /// Kinds of attributes, by name, that hold whatever a table says.
  public var attributeKinds: [String: AttributeKind] = [:]
  /// Path of a file of vectors of items, `.npy` or `.safetensors`; empty for none.
  public var itemVectors = ""
  /// A folder in which the datasets of large logs are kept; empty for none.
  public var cache = ""
  /// Which events are for training, validation and test.
  public var splitBy = SplitChoice.leaveOneOut
  /// With a split by time, where validation begins.
  public var validationFrom = TimePoint.percent(80)
  /// With a split by time, where the test begins.
  public var testFrom = TimePoint.percent(90)
  /// Chooses the users of a split by user, whatever ``seed`` a training has.
  public var splitSeed: UInt64 = 42
  /// Whether items that a user has seen are candidates, in evaluation and prediction.
  public var seen = SeenChoice.auto

  /// The defaults.
  public init() {}

  /// The paths of ``extends``.
  public var earlierLogs: [String] {
    extends.split(separator: ",").map { $0.trimmingPrefix(" ") }.map(String.init)
  }

  /// A setting of the model: the value that was set, else the model's default.
  public subscript<Value>(setting: ModelSetting<Value>) -> Value {
    get { modelValues[setting] ?? model.defaults[setting] ?? setting.defaultValue }
    set { modelValues[setting] = newValue }
  }

  /// Checks each setting against its own range, as a program may have set it, and all together.
  ///
  /// - Throws: ``SettingsError/badValue(key:value:expected:origin:)``, and as ``validate()``.
  package func validateValues() throws(SettingsError) {
    // A program may have models, tasks and targets of its own, which no text names.
    let typed = [\.model, \.task, \.target] as [PartialKeyPath<ResolvedSettings>]
    for setting in Setting.all where !typed.contains(setting.path) {
      var copy = ResolvedSettings(self)
      try setting.set(setting.text(in: self), in: &copy, origin: .program)
    }
    try validate()
  }

  /// Checks what each setting's own range cannot say.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` with what to change.
  public func validate() throws(SettingsError) {
    if let fault = model.kind?.fault(of: modelValues) { throw .doNotFit(fault) }
    guard table.isEmpty || query.isEmpty else {
      throw .doNotFit("table and query exclude one another")
    }
    guard continueFrom.isEmpty || startFrom.isEmpty else {
      throw .doNotFit("continue and start_from exclude one another")
    }
    guard !data.isEmpty || continueFrom.isEmpty && extends.isEmpty else {
      throw .doNotFit(
        "there is no log with new events: name it, as in clseq train --continue RUN NEWLOG")
    }
    try validateStart()
    try validateColumns()
    try validateTask()
  }

  /// Checks that no column is named for two roles.
  private func validateColumns() throws(SettingsError) {
    let keys = [
      "user_column", "item_column", "type_column", "time_column", "end_column", "label_column",
      "session_column",
    ]
    let named = keys.compactMap(Setting.named).map { ($0.key, $0.text(in: self)) }
      .filter { !$0.1.isEmpty }
    for (place, column) in named.enumerated() {
      guard let other = named[..<place].first(where: { $0.1 == column.1 }) else { continue }
      throw .doNotFit(
        "\(other.0) and \(column.0) are one column, '\(column.1)': a column has one role")
    }
  }
}

/// How gradients become steps.
public enum OptimizerChoice: String, CaseIterable, Codable, Sendable { case adamw, adam, sgd }

/// Whom a draw of negative items is for.
public enum NegativeSharing: String, CaseIterable, Codable, Sendable {
  /// A batch, from sixteen negatives on; each event below.
  case auto
  /// All events of a batch.
  case batch
  /// Each event.
  case event
}

/// How negative items are drawn.
public enum NegativeSampling: String, CaseIterable, Codable, Sendable {
  /// All items alike.
  case uniform
  /// By the number of their training events.
  case popularity
}

/// The course of the learning rate after the warm-up.
public enum ScheduleKind: String, CaseIterable, Codable, Sendable { case constant, cosine }

/// Which form of the heavy kernels is used; `auto` chooses by the device.
public enum TuningChoice: String, CaseIterable, Codable, Sendable { case auto, cpu8, cpu16, gpu }
