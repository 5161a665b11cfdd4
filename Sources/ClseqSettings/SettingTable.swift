import ClseqData
import ClseqModels
import ClseqOps

extension Setting {
  /// Every setting, in the order of the help and of `config.yaml`.
  public static let all = groups.flatMap(\.settings)

  /// The settings by what they are about, with a title for each group.
  public static let groups: [(title: String, settings: [Setting])] = [
    ("Reading", reading), ("Split", splitting), ("Task and inputs", task),
    ("Model", ModelCatalog.settings.map(Setting.init)), ("Loss", loss), ("Training", training),
    ("Device", device), ("Run and output", invocation),
  ]

  private static let reading: [Setting] = [
    .text("data", \.data, "log", isFlag: false, "The log to train on (default: a generated one)"),
    .text(
      "extends", \.extends, "log,…",
      "Earlier logs that the log extends, the first first: events that they have are left out of it"
    ),
    .choice("data_format", \.dataFormat, "How the log is written"),
    .text("user_column", \.userColumn, "name", "Column of users (default: by common names)"),
    .text("item_column", \.itemColumn, "name", "Column of items"),
    .text("type_column", \.typeColumn, "name", "Column of event types"),
    .text("time_column", \.timeColumn, "name", "Column of times"),
    .text("end_column", \.endColumn, "name", "Column of the times at which events end"),
    .text("label_column", \.labelColumn, "name", "Column of labels, such as ratings"),
    .text("session_column", \.sessionColumn, "name", "Column of session ids"),
    .duration(
      "session_gap", \.sessionGap,
      "Time without an event after which a new session begins (30m); 0 takes sessions from a column"
    ),
    .choice("missing", \.missing, "How an event that lacks a value is treated"),
    .timeFormat(
      "time_format", \.timeFormat,
      "How times are written: auto, s, ms, us, ns, iso8601, yyyymmdd, or a pattern (%d.%m.%Y)"),
    .timeRange(
      "times_between", \.timesBetween,
      "Read only events between two days or times (2017-11-25..2017-12-03)"),
    .text("table", \.table, "name", "Table of a SQLite database (default: its only one)"),
    .text("query", \.query, "sql", "SELECT statement that gives the rows of a SQLite database"),
    .tolerance(
      "skip_bad", \.skipBad,
      "Maximum of malformed records to leave out: a count, a share (1%) or all; one more is an error"
    ),
    .text(
      "users", \.users, "file", "Table of attributes of users: .user, CSV, TSV or JSON Lines",
      .session),
    .text(
      "items", \.items, "file", "Table of attributes of items: .item, CSV, TSV or JSON Lines",
      .session),
    .text(
      "item_vectors", \.itemVectors, "file",
      "Vectors of items, .npy or .safetensors, with one id per line in FILE.ids", .session),
    .attributeKinds(
      "attribute_kinds", \.attributeKinds,
      "Kinds of attributes that are not recognised rightly: token, token_seq, float or float_seq",
      .session),
  ]

  private static let splitting: [Setting] = [
    .choice("split_by", \.splitBy, "How events are divided into training, validation and test"),
    .timePoint(
      "validation_from", \.validationFrom,
      "Start of the validation in a split by time: a day, a time (ISO 8601) or a share of events"),
    .timePoint(
      "test_from", \.testFrom,
      "Start of the test in a split by time: a day, a time (ISO 8601) or a share of events"),
    .integer(
      "split_seed", \.splitSeed, 0...UInt64.max,
      "Seed of the choice of users in a split by user"),
    .choice(
      "seen", \.seen,
      "Whether items that a user has seen are candidates; auto allows them if more than 1 % of the "
        + "validation targets are repeats"),
  ]

  private static let task: [Setting] = [
    .choice("model", \.model, "Kind of model"),
    .choice("task", \.task, "Task that the model is trained for"),
    .target(
      "target", \.target,
      "Target to predict: label, label>=4, type=click,buy, event-label, event-type, next-type, next:FEATURE, return, "
        + "user:NAME, churn, future-count or future-sum:FEATURE (default: by the task)"),
    .value(
      "tasks", \.tasks, "part,…", expected: TaskList.expected, TaskList.init,
      "Parts of the tasks multi and pretrain: next-item, targets about next events, item-attributes (of --items), "
        + "contrast (two stretches of a user against those of others), and next-sequence (whether a second segment "
        + "follows the first), each with an optional *WEIGHT"
    ),
    .number(
      "contrast_shortest", \.contrastShortest, 0.01..<1.000_001,
      "Least share of a sequence in each of the two stretches that contrast compares"),
    .number(
      "contrast_temperature", \.contrastTemperature, 0.001..<100,
      "First temperature of contrast: similarities are divided by it"),
    .duration(
      "horizon", \.horizon, "How far churn, future-count and future-sum look ahead (90d)"),
    .optionalTimePoint(
      "cutoff", \.cutoff,
      "Time from which the horizon is measured: a day, a time or a share of events (default: the end of "
        + "the log minus the horizon)"),
    .value(
      "inputs", \.inputs, "kind,…", expected: InputChoice.expected, InputChoice.init,
      "Inputs beside item ids: none, or some of type, gap, features, items and users; auto is none with "
        + "next-item, and all that the data has with other tasks"),
    .features(
      "event_features", \.eventFeatures,
      "Numbers of events to read from a log: names of columns, duration, gap, hour or weekday"),
    .integer(
      "max_length", \.maxLength, 1...100_000,
      "Maximum number of most recent events that the model sees"),
    .choice(
      "pooling", \.pooling,
      "State that the heads of a task read: that of the last event, a mean of those up to it, plain or by "
        + "trained attention, or that of a summary in front (models that see what follows, targets of users)"
    ),
    .text(
      "start_from", \.startFrom, "run",
      "Run whose best parameters training starts from; settings of the model are those of the run"),
    .text(
      "continue", \.continueFrom, "run",
      "Run to train further on its own log with what the log adds, by its settings; parameters and moments of "
        + "the optimizer are the run's"),
    .number(
      "replay", \.replay, 0..<1.000_001,
      "Share of the sequences without new events that an epoch of --continue trains on, drawn anew for each"
    ),
    .value(
      "frozen", \.frozen, "none|body|layers", expected: FrozenPart.expected, FrozenPart.init,
      "Part of the run of --start-from that is not trained: none, body (everything but the heads), or a "
        + "number of layers (the embeddings and so many first layers)"),
    .number(
      "layer_rate", \.layerRate, 0.001..<1.000_001,
      "Factor of the learning rate per layer, from the heads down to the embeddings, with --start-from"
    ),
    .number(
      "keep_ratio", \.keepRatio, 0..<1.000_001,
      "Share of the weights of the blocks or recurrent layers of the run of --start-from that stay: heads and "
        + "units of the least importance are removed, and the rest is trained; 1 removes none"),
    .integer(
      "lora_rank", \.loraRank, 0...1_024,
      "Rank of adapters that are trained beside the frozen weights of the run of --start-from (LoRA); 0 "
        + "trains the weights"),
    .number(
      "lora_alpha", \.loraAlpha, 0.001..<10_000,
      "Alpha of the adapters: their products are scaled by alpha / rank"),
  ]

  private static let loss: [Setting] = [
    .choice("loss", \.loss, "Loss to minimise; auto chooses by the task"),
    .integer(
      "negatives", \.negatives, 1...1_000_000,
      "Negative items sampled per target, or per batch where they are shared"),
    .choice("negative_sharing", \.negativeSharing, "Draw negatives once per batch or per event"),
    .choice("negative_sampling", \.negativeSampling, "Distribution from which negatives are drawn"),
    .number(
      "calibration", \.calibration, 0..<1.000_001, "t of gbce: 0 for bce, 1 for full calibration"),
    .number(
      "label_smoothing", \.labelSmoothing, 0..<1,
      "Part of the target's label that is spread evenly over all items, in cross-entropy"),
    .text(
      "teacher", \.teacher, "run",
      "Run whose scores of all items are learned beside the items themselves (distillation)"),
    .number(
      "teacher_weight", \.teacherWeight, 0.001..<1.000_001,
      "Part of the loss that the scores of --teacher make; 1 leaves out the items themselves"),
    .number(
      "teacher_temperature", \.teacherTemperature, 0.01..<1_000,
      "Temperature of --teacher: scores of both models are divided by it; above 1 unlikely items count more"
    ),
    .number(
      "huber_delta", \.huberDelta, 1e-6..<1_000,
      "Error at which huber becomes linear, in standard deviations of the target"),
    .value(
      "class_weights", \.classWeights, "balanced|name=weight,…", expected: ClassWeights.expected,
      ClassWeights.init, "Weights of classes, or of yes and no, in the loss"),
    .integer("bins", \.bins, 2...1_000, "Number of intervals of time-to-event"),

  ]

  private static let training: [Setting] = [
    .integer("batch_size", \.batchSize, 1...1_048_576, "Sequences per batch"),
    .integer(
      "batch_events", \.batchEvents, 0...1_073_741_824,
      "Events per batch; 0 sizes batches by sequences"),
    .integer("epochs", \.epochs, 1...1_000_000, "Maximum number of epochs", .session),
    .integer(
      "patience", \.patience, 0...1_000_000,
      "Epochs without a new best of the deciding validation figure, or of its mean of five, after which "
        + "training stops; 0 for never", .session),
    .choice("optimizer", \.optimizer, "Optimizer"),
    .number("momentum", \.momentum, 0..<1, "Momentum of sgd"),
    .toggle("nesterov", \.nesterov, "Nesterov momentum of sgd", .run),
    .number("learning_rate", \.learningRate, 0..<1_000, "Learning rate"),
    .choice("schedule", \.schedule, "Course of the learning rate after the warm-up"),
    .integer("warmup_steps", \.warmupSteps, 0...1_000_000_000, "Steps of linear warm-up"),
    .number(
      "weight_decay", \.weightDecay, 0..<1_000,
      "Weight decay: decoupled with adamw, added to the gradient with other optimizers"),
    .choice(
      "decayed", \.decayed, "Parameters that decay: all, or matrices, not biases and norms"),
    .number("beta1", \.beta1, 0..<1, "Decay of the first moment of adamw and adam"),
    .number("beta2", \.beta2, 0..<1, "Decay of the second moment of adamw and adam"),
    .number(
      "clip_norm", \.clipNorm, 0..<Double.infinity,
      "Maximum global gradient norm; 0 for no clipping"),
    .duration(
      "max_time", \.maxTime, "Time after which training stops (90s, 15m, 2h); 0 for none", .session
    ),
    .interval(
      "checkpoint_every", \.checkpointEvery,
      "Write checkpoints at the end of each epoch, and after a number of steps (500) or a time (10m)",
      .session),
    .integer(
      "keep_checkpoints", \.keepCheckpoints, 1...1_000_000,
      "Number of newest checkpoints to keep, beside the best", .session),
    .integer("seed", \.seed, 0...UInt64.max, "Seed of every random number of training"),

  ]

  private static let device: [Setting] = [
    .text(
      "device", \.device, "device",
      "One of gpu, cpu, reference, PLATFORM:DEVICE, part of a name (default: a GPU, else a CPU)",
      .session),
    .choice("tuning", \.tuning, "Tuning of the kernels; auto chooses by the device", .session),
    .choice(
      "precision", \.precision,
      "Factors of matrix products on a GPU: float32, or rounded for its matrix unit"),
    .choice(
      "storage", \.storage,
      "Activations that wait for the backward pass, item tables and their moments: float32, or bf16 in "
        + "half the memory"),
    .byteCount(
      "memory", \.memory,
      "Maximum device memory (400MB, 2GiB); batches that do not fit are processed in parts; 0 for all",
      .session),
    .text(
      "kernels", \.kernels, "folder", "Kernel sources to use in place of those built in", .session),
    .toggle("profile", \.profile, "Time every kernel and print a table of them", .session),

  ]

  private static let invocation: [Setting] = [
    .text("run", \.run, "path", "Run directory (default: runs/MODEL-DATA-UTC)", .invocation),
    .toggle("resume", \.resume, "Continue the run at --run", .invocation),
    .text(
      "cache", \.cache, "folder",
      "Folder that keeps the datasets of logs of 64 MiB or more; none keeps nothing (default: the user's cache)",
      .invocation),
    .choice("format", \.format, "Format of standard output", .invocation),
    .choice(
      "log_format", \.logFormat, "Format of progress, notes, warnings and errors", .invocation
    ),
    .toggle(
      "quiet", \.quiet,
      "No progress and notes on standard error; warnings of damage and errors remain", .invocation),
    .toggle(
      "verbose", letter: "v", \.verbose, "More details on standard error", .invocation),
  ]

  /// All settings that are not of models, and those that the model has.
  public static func all(of settings: TrainingSettings) -> [Setting] {
    all.filter { !$0.isOfModels || settings.model.kind?.has($0.key) ?? false }
  }

  /// The setting of a key.
  public static func named(_ key: String) -> Setting? { byKey[key] }

  /// The setting of a property.
  public static func at(_ path: PartialKeyPath<ResolvedSettings>) -> Setting {
    guard let setting = all.first(where: { $0.path as PartialKeyPath == path }) else {
      preconditionFailure("Setting: \(path) is none")
    }
    return setting
  }

  /// Whether a log is read in another way where the value differs.
  public var decidesReading: Bool {
    let groups = [Self.reading, Self.splitting, Self.task]
    return key != "model" && key != "max_length"
      && groups.contains { $0.contains { $0.key == key } }
  }

  private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
}
