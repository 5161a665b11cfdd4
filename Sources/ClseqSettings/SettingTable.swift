import ClseqData

extension Setting {
  /// Every setting, in the order of the help and of `config.yaml`.
  public static let all: [Setting] = [
    .text("data", \.data, "log", isFlag: false, "The log to train on (default: a generated one)"),
    .choice("data_format", \.dataFormat, "How the log is written"),
    .text("user_column", \.userColumn, "name", "Column of users (default: by common names)"),
    .text("item_column", \.itemColumn, "name", "Column of items"),
    .text("type_column", \.typeColumn, "name", "Column of event types"),
    .text("time_column", \.timeColumn, "name", "Column of times"),
    .text("end_column", \.endColumn, "name", "Column of the times at which events end"),
    .text("label_column", \.labelColumn, "name", "Column of labels, such as ratings"),
    .text("session_column", \.sessionColumn, "name", "Column of sessions"),
    .duration(
      "session_gap", \.sessionGap,
      "Time without an event after which a new session begins (30m); 0 for those of a column"),
    .choice("missing", \.missing, "What becomes of an event that lacks a value"),
    .timeFormat(
      "time_format", \.timeFormat,
      "How times are written: auto, s, ms, us, ns, iso8601, yyyymmdd, or a pattern (%d.%m.%Y)"),
    .timeRange(
      "times_between", \.timesBetween,
      "Times of the events that are read, others left out: days or times (2017-11-25..2017-12-03)"),
    .text("table", \.table, "name", "Table of a SQLite database (default: its only one)"),
    .text("query", \.query, "sql", "SELECT for the rows of a SQLite database"),
    .tolerance(
      "skip_bad", \.skipBad,
      "Malformed records that are left out before one is an error: a count, a share (1%) or all"),
    .text(
      "users", \.users, "file", "Table of attributes of users: .user, CSV, TSV or JSON Lines",
      .session),
    .text(
      "items", \.items, "file", "Table of attributes of items: .item, CSV, TSV or JSON Lines",
      .session),
    .text(
      "item_vectors", \.itemVectors, "file",
      "Vectors of items, .npy or .safetensors, with their ids a line each in FILE.ids", .session),
    .attributeKinds(
      "attribute_kinds", \.attributeKinds,
      "Kinds of attributes where values mislead: token, token_seq, float or float_seq", .session),
    .text(
      "cache", \.cache, "folder",
      "Where the datasets of logs from 64 MiB are kept; none for nowhere (default: the user's cache)",
      .invocation),
    .choice("split_by", \.splitBy, "Which events are for training, validation and test"),
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
      "Whether items that a user has seen are candidates; auto allows them where over 1 % of the "
        + "validation targets are repeats"),
    .text("run", \.run, "path", "The run directory (default: runs/MODEL-DATA-UTC)", .invocation),
    .toggle("resume", \.resume, "Go on with the run at --run", .invocation),

    .choice("model", \.model, "The kind of model"),
    .choice("task", \.task, "What the model is trained for"),
    .target(
      "target", \.target,
      "Where the truth stands: label, label>=4, type=click,buy, next-type, next:FEATURE, return, "
        + "user:NAME, churn, future-count or future-sum:FEATURE (default: by the task)"),
    .value(
      "tasks", \.tasks, "part,…", expected: TaskList.expected, TaskList.init,
      "Parts of the task multi: next-item and targets about next events, each perhaps with *WEIGHT"),
    .duration(
      "horizon", \.horizon, "How far churn, future-count and future-sum look ahead (90d)"),
    .optionalTimePoint(
      "cutoff", \.cutoff,
      "From when they do: a day, a time or a share of events (default: the horizon before the end)"),
    .value(
      "inputs", \.inputs, "kind,…", expected: InputChoice.expected, InputChoice.init,
      "What is known of events beside items: none, or of type, gap, features, items and users; auto "
        + "for none with next-item, and else all that is there"),
    .features(
      "event_features", \.eventFeatures,
      "Columns of numbers of events, or duration, gap, hour, weekday, to read from a log"),
    .integer("max_length", \.maxLength, 1...100_000, "Most recent events that the model sees"),
    .integer("hidden_size", \.hiddenSize, 1...65_536, "Width of the model"),
    .integer("layers", \.layers, 1...1_000, "Transformer blocks"),
    .integer("heads", \.heads, 1...1_024, "Attention heads; they divide the hidden size"),
    .integer(
      "feed_forward_size", \.feedForwardSize, 0...1_048_576,
      "Width of the feed-forward layer; 0 for four times the hidden size"),
    .number("dropout", \.dropout, 0..<1, "Chance that a value is dropped in training"),
    .choice("activation", \.activation, "Nonlinearity of the feed-forward layer"),
    .choice("norm", \.norm, "Layer norm before or after the sublayers"),
    .choice("positions", \.positions, "Position embeddings"),
    .sizes("recurrent_sizes", \.recurrentSizes, "Hidden sizes of stacked recurrent layers"),
    .choice("attention_score", \.attentionScore, "How lstm-attention weighs its states"),
    .integer("window", \.window, 1...1_000, "Last events that mlp and cnn see"),
    .integer(
      "dense_size", \.denseSize, 1...65_536, "Width of the dense layers of lstm-attention and din"),

    .choice("loss", \.loss, "What a step lessens; auto by the task"),
    .integer("negatives", \.negatives, 1...1_000_000, "Items that sampling losses set apart"),
    .choice("negative_sharing", \.negativeSharing, "Whom a draw of negatives is for"),
    .choice("negative_sampling", \.negativeSampling, "How negatives are drawn"),
    .number(
      "calibration", \.calibration, 0..<1.000_001, "t of gbce: 0 for bce, 1 for full calibration"),
    .number(
      "huber_delta", \.huberDelta, 1e-6..<1_000,
      "Where huber turns linear, in standard deviations of the target"),
    .value(
      "class_weights", \.classWeights, "balanced|name=weight,…", expected: ClassWeights.expected,
      ClassWeights.init, "Weights of classes in the loss"),
    .integer("bins", \.bins, 2...1_000, "Intervals of time-to-event"),

    .integer("batch_size", \.batchSize, 1...1_048_576, "Sequences of a batch"),
    .integer(
      "batch_events", \.batchEvents, 0...1_073_741_824,
      "Events of a batch; 0 to size batches by sequences"),
    .integer("epochs", \.epochs, 1...1_000_000, "Most epochs", .session),
    .integer(
      "patience", \.patience, 0...1_000_000,
      "Epochs in which neither the deciding validation figure nor its mean of five rises to a new best before "
        + "training stops; 0 for never", .session),
    .choice("optimizer", \.optimizer, "How gradients become steps"),
    .number("momentum", \.momentum, 0..<1, "Momentum of sgd"),
    .toggle("nesterov", \.nesterov, "Whether sgd looks ahead (Nesterov)", .run),
    .number("learning_rate", \.learningRate, 0..<1_000, "Learning rate"),
    .choice("schedule", \.schedule, "Course of the learning rate after the warm-up"),
    .integer("warmup_steps", \.warmupSteps, 0...1_000_000_000, "Steps of linear warm-up"),
    .number(
      "weight_decay", \.weightDecay, 0..<1_000,
      "Weight decay: decoupled with adamw, else a part of the gradient"),
    .number("beta1", \.beta1, 0..<1, "Decay of the first moment of adamw and adam"),
    .number("beta2", \.beta2, 0..<1, "Decay of the second moment of adamw and adam"),
    .number(
      "clip_norm", \.clipNorm, 0..<Double.infinity,
      "Largest global gradient norm; 0 for no clipping"),
    .duration(
      "max_time", \.maxTime, "Time after which training stops (90s, 15m, 2h); 0 for none", .session
    ),
    .interval(
      "checkpoint_every", \.checkpointEvery,
      "When checkpoints are written: at each epoch's end, and after so many steps (500) or so long (10m)",
      .session),
    .integer(
      "keep_checkpoints", \.keepCheckpoints, 1...1_000_000,
      "The newest checkpoints that are kept, beside the best", .session),
    .integer("seed", \.seed, 0...UInt64.max, "Seed of every random number of training"),

    .text(
      "device", \.device, "device",
      "One of gpu, cpu, reference, PLATFORM:DEVICE, part of a name (default: a GPU, else a CPU)",
      .session),
    .choice("tuning", \.tuning, "Tuning of the kernels; auto goes by the device", .session),
    .byteCount(
      "memory", \.memory,
      "Device memory that may be used (400MB, 2GiB), with batches in parts where they do not fit; 0 for all",
      .session),
    .text(
      "kernels", \.kernels, "folder", "Kernel sources to use in place of those built in", .session),
    .toggle("profile", \.profile, "Time every kernel and print a table of them", .session),

    .choice("format", \.format, "What goes to standard output", .invocation),
    .choice(
      "log_format", \.logFormat, "How progress, notes, warnings and errors are written", .invocation
    ),
    .toggle("quiet", \.quiet, "No progress on standard error", .invocation),
    .toggle(
      "verbose", letter: "v", \.verbose, "More about what is done on standard error", .invocation),
  ]

  /// The setting of a key.
  public static func named(_ key: String) -> Setting? { byKey[key] }

  /// The setting of a property.
  public static func at(_ path: PartialKeyPath<TrainingSettings>) -> Setting {
    guard let setting = all.first(where: { $0.path as PartialKeyPath == path }) else {
      preconditionFailure("Setting: \(path) is none")
    }
    return setting
  }

  private static let byKey = Dictionary(uniqueKeysWithValues: all.map { ($0.key, $0) })
}
