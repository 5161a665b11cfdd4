import ClseqBase
import ClseqData
import ClseqModels
import ClseqSettings
import ClseqTestSupport
import Testing

@Suite struct SettingsTests {
  /// A value other than the default for each setting, as text.
  static let others: [String: String] = [
    "data": "log \"x\"\n: é.inter", "data_format": "inter", "user_column": "buyer",
    "item_column": "商品", "type_column": "kind", "time_column": "when", "time_format": "ms",
    "end_column": "until", "label_column": "stars", "session_column": "visit",
    "session_gap": "30m", "times_between": "2020-01-01..", "missing": "fill", "cache": "kept",
    "table": "events", "query": "SELECT 1", "skip_bad": "5", "users": "a.user",
    "items": "items.csv", "attribute_kinds": "age=float", "split_by": "time",
    "validation_from": "70%",
    "test_from": "2020-01-31", "run": "somewhere", "resume": "true",
    "model": "item-knn", "max_length": "7", "pooling": "mean", "start_from": "runs/a",
    "continue": "runs/b", "replay": "0.5", "extends": "a.inter,b.inter",
    "frozen": "2",
    "layer_rate": "0.5", "lora_rank": "8", "lora_alpha": "4", "keep_ratio": "0.5",
    "hidden_size": "12", "layers": "3",
    "heads": "4", "head_width": "24",
    "attention_window": "20",
    "precision": "tf32", "storage": "bf16", "feed_forward_size": "20", "dropout": "0.05",
    "activation": "relu",
    "norm": "post",
    "positions": "sinusoidal", "batch_size": "9", "batch_events": "1000", "epochs": "5",
    "patience": "3", "learning_rate": "1e-05", "schedule": "cosine", "warmup_steps": "11",
    "weight_decay": "0", "decayed": "matrices", "beta1": "0.8", "beta2": "0.999", "clip_norm": "5",
    "max_time": "90s",
    "checkpoint_every": "300s", "keep_checkpoints": "5",
    "seed": "18446744073709551615", "device": "0:1", "tuning": "cpu16",
    "memory": "1048576", "kernels": "null", "profile": "true", "format": "json",
    "log_format": "json",
    "quiet": "true", "verbose": "true",
    "task": "time-to-event", "target": "label>=4", "tasks": "next-item*2,return",
    "contrast_shortest": "0.5", "contrast_temperature": "0.2",
    "label_smoothing": "0.1", "teacher": "runs/b", "teacher_weight": "0.7",
    "teacher_temperature": "3",
    "horizon": "1d", "split_seed": "7", "seen": "allow",
    "cutoff": "2024-01-31", "inputs": "type,gap", "event_features": "price:log",
    "recurrent_sizes": "128,64", "attention_score": "learned", "window": "9", "dense_size": "33",
    "recurrence": "selective", "state_size": "48",
    "loss": "gbce", "negatives": "256", "negative_sharing": "event",
    "negative_sampling": "popularity", "calibration": "0.5", "huber_delta": "2",
    "class_weights": "balanced", "bins": "11", "optimizer": "sgd", "momentum": "0.5",
    "nesterov": "true", "item_vectors": "text.npy", "code_size": "9", "word_dropout": "0.5",
    "encoder": "gru", "beta": "0.5", "kl_warmup_epochs": "3", "free_bits": "0.2",
    "filter_width": "5",
  ]
  /// Settings that others ask for.
  static let companions = [
    "resume": ["run": "somewhere"], "target": ["task": "click"], "class_weights": ["task": "click"],
    "continue": ["data": "new.inter"], "extends": ["data": "new.inter"],
  ]

  static func layer(_ values: [String: String]) throws -> SettingsLayer {
    try SettingsLayer(
      origin: .commandLine, values: values.sorted { $0.key < $1.key }.map { ($0.key, $0.value) })
  }

  @Test func defaultsAreThoseOfTheHouse() {
    let settings = TrainingSettings()
    #expect(settings[.hiddenSize] == 64 && settings[.layers] == 2 && settings[.heads] == 2)
    #expect(settings[.feedForwardSize] == 0 && settings[.dropout] == 0.2)
    #expect(settings.batchSize == 128 && settings.learningRate == 1e-3)
    #expect(settings.beta1 == 0.9 && settings.beta2 == 0.98 && settings.weightDecay == 0.01)
    #expect(settings.patience == 10 && settings.schedule == .constant)
  }

  @Test(arguments: others.keys.sorted())
  func everySettingIsSetAndShown(key: String) throws {
    let text = try #require(Self.others[key])
    let setting = try #require(Setting.named(key))
    let values = [key: text].merging(Self.companions[key] ?? [:]) { $1 }
    let settings = try ResolvedSettings(layers: [Self.layer(values)])
    #expect(setting.text(in: settings) == text)
    #expect(settings.given == Set(values.keys))
    if key != "model" {
      let usual = ResolvedSettings()
      #expect(settings.training != usual.training || settings.invocation != usual.invocation)
    }
  }

  @Test func savedSettingsAreReadBack() throws {
    // A table excludes a query, a start a run to go on from, a baseline another task, and weights of
    // classes need one, a teacher a loss over all items.
    let saved = Self.others.filter {
      Setting.named($0.key)?.scope != .invocation
        && !["query", "continue", "task", "target", "class_weights", "teacher"].contains($0.key)
    }
    let settings = try TrainingSettings(layers: [Self.layer(saved)])
    let again = try TrainingSettings(layers: [SettingsLayer(yaml: settings.yaml, path: "x")])
    #expect(again.yaml == settings.yaml)
    #expect(!settings.yaml.contains("resume") && !settings.yaml.contains("format: \"json\""))
  }

  /// Of the models' settings the file has those of the model, with its defaults.
  @Test func aFileHasTheSettingsOfItsModel() throws {
    let settings = TrainingSettings(task: .nextItem, model: .network(.lstmAttention))
    #expect(settings.yaml.contains("hidden_size: 128\n"))
    #expect(settings.yaml.contains("attention_score: \"dot\"\n"))
    #expect(!settings.yaml.contains("heads:"))
    let again = try TrainingSettings(layers: [SettingsLayer(yaml: settings.yaml, path: "x")])
    #expect(again.yaml == settings.yaml && again[.hiddenSize] == 128)
  }

  @Test func everySettingDiffersFromItsDefaultInTheseTests() {
    // A model's own settings are checked with the model.
    let missing = Setting.all.filter { !$0.isOfModels && Self.others[$0.key] == nil }
    #expect(missing.isEmpty, "\(missing.map(\.key))")
  }

  @Test func laterLayersWin() throws {
    let settings = try TrainingSettings(layers: [
      SettingsLayer(yaml: "layers: 3\nheads: 4\nepochs: 7 # of many\n", path: "x"),
      SettingsLayer(environment: ["CLSEQ_HEADS": "8", "CLSEQ_EPOCHS": "6", "PATH": "/bin"]),
      Self.layer(["epochs": "5"]),
    ])
    #expect(settings[.layers] == 3 && settings[.heads] == 8 && settings.epochs == 5)
  }

  @Test(
    arguments: [
      ("hidden_sise", "hidden_size"), ("hidden-size", "hidden_size"), ("lr", nil),
      ("batchsize", "batch_size"), ("qwertyuiop", nil),
    ] as [(String, String?)])
  func unknownKeysNameTheNearest(key: String, nearest: String?) {
    #expect(throws: SettingsError.unknownKey(key, nearest: nearest, origin: .file("x"))) {
      try SettingsLayer(yaml: "\(key): 1", path: "x")
    }
  }

  @Test(arguments: [
    ("layers", "two"), ("layers", "0"), ("layers", "1.5"), ("layers", ""), ("layers", "1001"),
    ("dropout", "1"), ("dropout", "-0.1"), ("dropout", "nan"), ("learning_rate", "fast"),
    ("learning_rate", "inf"), ("seed", "-1"), ("seed", "18446744073709551616"),
    ("activation", "swish"), ("activation", "GELU"), ("max_time", "5y"), ("max_time", "-5s"),
    ("max_time", "90"),
    ("max_time", "m"), ("memory", "1TB"), ("memory", "1e30"), ("profile", "yes"),
    ("clip_norm", "inf"),
  ])
  func wrongValuesNameKeyValueAndExpectation(key: String, text: String) throws {
    let expected = try #require(Setting.named(key)?.expected)
    #expect(
      throws: SettingsError.badValue(
        key: key, value: text, expected: expected, origin: .commandLine)
    ) { try TrainingSettings(layers: [Self.layer([key: text])]) }
  }

  @Test(
    arguments: [
      ("90s", 90), ("15m", 900), ("1.5h", 5400), ("0", 0), ("90d", 7_776_000), ("2w", 1_209_600),
      ("3mo", 7_776_000),
    ] as [(String, Double)])
  func durationsHaveUnits(text: String, seconds: Double) throws {
    #expect(try TrainingSettings(layers: [Self.layer(["max_time": text])]).maxTime == seconds)
  }

  @Test(arguments: [
    ("4096", 4096), ("2KB", 2000), ("2KiB", 2048), ("1.5MB", 1_500_000), ("2GiB", 1 << 31),
  ])
  func byteCountsHaveUnits(text: String, byteCount: Int) throws {
    let settings = try TrainingSettings(layers: [Self.layer(["memory": text])])
    #expect(settings.memory == byteCount)
  }

  @Test func attributeFilesAreThoseOfTheSettings() throws {
    var settings = TrainingSettings()
    #expect(try settings.attributeFiles() == AttributeFiles())
    settings.items = "items.csv"
    settings.attributeKinds = ["age": .float, "tags": .tokenSequence]
    #expect(
      try settings.attributeFiles()
        == AttributeFiles(items: "items.csv", kinds: ["age": .float, "tags": .tokenSequence]))
    // The built-in log has no tables.
    #expect(throws: SettingsError.self) { try settings.loadDataset() }
    (settings.items, settings.attributeKinds) = ("", ["age": .float])
    #expect(throws: SettingsError.doNotFit("attribute_kinds needs a table: add users or items")) {
      try settings.attributeFiles()
    }
  }

  @Test func rowsOfADatabase() throws {
    for (key, selection) in [("table", SQLiteSelection.table("x")), ("query", .query("x"))] {
      let settings = try TrainingSettings(layers: [Self.layer([key: "x"])])
      #expect(settings.readingOptions().selection == selection)
    }
    #expect(TrainingSettings().readingOptions().selection == nil)
  }

  @Test func settingsMustFitTogether() {
    #expect(throws: SettingsError.doNotFit("heads (3) must divide hidden_size (64)")) {
      try TrainingSettings(layers: [Self.layer(["heads": "3"])])
    }
    #expect(throws: SettingsError.self) {
      try TrainingSettings(layers: [Self.layer(["resume": "true"])])
    }
    #expect(throws: SettingsError.doNotFit("table and query exclude one another")) {
      try TrainingSettings(layers: [Self.layer(["table": "a", "query": "SELECT 1"])])
    }
    #expect(throws: SettingsError.self) {
      try TrainingSettings(layers: [Self.layer(["quiet": "true", "verbose": "true"])])
    }
  }

  @Test(arguments: ["- a", "just text", "{layers: 1", "layers: 1\nlayers: 2", "? [a]\n: 1"])
  func onlyAMappingIsTaken(yaml: String) {
    #expect(throws: SettingsError.self) { try SettingsLayer(yaml: yaml, path: "x") }
  }

  @Test func listsAreNoValues() throws {
    let expected = try #require(Setting.named("layers")?.expected)
    #expect(
      throws: SettingsError.badValue(
        key: "layers", value: "a list", expected: expected, origin: .file("x"))
    ) { try SettingsLayer(yaml: "layers: [1]", path: "x") }
  }

  @Test func emptyFilesAndNullsAreDefaults() throws {
    #expect(try SettingsLayer(yaml: "# nothing\n", path: "x").values.isEmpty)
    let settings = try TrainingSettings(layers: [SettingsLayer(yaml: "device: null", path: "x")])
    #expect(settings == TrainingSettings())
  }

  @Test func filesHoldNothingOfOneCall() {
    #expect(throws: SettingsError.self) { try SettingsLayer(yaml: "resume: true", path: "x") }
  }

  @Test func missingFilesAreTold() {
    #expect(throws: SettingsError.unreadable(path: "/nonexistent", reason: "no such file")) {
      try SettingsLayer(yamlFile: "/nonexistent")
    }
  }

  @Test func resumedRunsKeepWhatDefinesThem() throws {
    let saved = try SettingsLayer(yaml: "layers: 3\nepochs: 7\n", path: "x")
    let settings = try TrainingSettings(
      resuming: saved, layers: [Self.layer(["epochs": "9", "layers": "3"])])
    #expect(settings[.layers] == 3 && settings.epochs == 9)
    #expect(
      throws: SettingsError.notAllowed(
        key: "layers", reason: "cannot change when a run is resumed: it is '3'",
        origin: .commandLine)
    ) { try TrainingSettings(resuming: saved, layers: [Self.layer(["layers": "2"])]) }
  }

  @Test(arguments: [
    ("", "", 0), ("a", "", 1), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("é", "e", 1),
  ])
  func editDistanceIsLevenshteins(left: String, right: String, distance: Int) {
    #expect(editDistance(left, right) == distance)
    #expect(editDistance(right, left) == distance)
  }
}
