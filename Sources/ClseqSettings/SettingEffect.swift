import ClseqData
import ClseqModels

/// When a setting matters to a training: the one table behind the warnings of settings without effect.
///
/// A setting that stands in ``Setting/all`` stands here too; a test holds the two together.
struct SettingEffect: Sendable {
  /// What it belongs to, after "it is for"; nil for one that always counts.
  let purpose: String?
  /// Whether it counts beside the others.
  let counts: @Sendable (TrainingSettings) -> Bool

  private static let always = SettingEffect(purpose: nil) { _ in true }

  private static func when(
    _ purpose: String, _ counts: @escaping @Sendable (TrainingSettings) -> Bool
  ) -> SettingEffect {
    SettingEffect(purpose: purpose, counts: counts)
  }

  /// Settings that models have: all of them, or some.
  private static let models = Dictionary(
    uniqueKeysWithValues: ModelCatalog.settings.map { setting in
      let names = ModelCatalog.models(with: setting.key).map(\.name)
      let effect =
        names.count == ModelCatalog.all.count
        ? training
        : when("--model " + list(names)) { $0.model.kind?.has(setting.key) ?? false }
      return (setting.key, effect)
    })

  /// Losses that set items apart from sampled ones.
  private static func sampling(_ losses: LossChoice...) -> SettingEffect {
    when("rankings of items by --loss " + list(losses.map(\.rawValue))) {
      $0.isTrained && $0.ranksItems && losses.contains($0.loss)
    }
  }

  private static func optimizers(_ choices: OptimizerChoice...) -> SettingEffect {
    when("--optimizer " + list(choices.map(\.rawValue))) { settings in
      settings.isTrained && choices.contains(settings.optimizer)
    }
  }

  private static let training = when("models that are trained in steps") { $0.isTrained }
  private static let device = when("models that are trained in steps, on an OpenCL device") {
    $0.isTrained && $0.device != "reference"
  }
  private static let cuts = when("--split-by time, of targets that do not look ahead") {
    $0.splitBy == .time && !($0.targetRule?.hasHorizon ?? false)
  }
  private static let sessions = when("--split-by session") { $0.splitBy == .session }
  private static let starts = when("runs that start from another (--start-from)") {
    $0.isTrained && !$0.startFrom.isEmpty
  }
  private static let adapters = when("adapters (--lora-rank)") { $0.hasAdapters }
  private static let contrasts = when("contrast among the --tasks") {
    $0.isTrained && $0.hasContrast
  }
  private static let lessons = when("runs that learn from another (--teacher)") {
    $0.isTrained && !$0.teacher.isEmpty
  }
  private static let continuations = when("runs that go on from another (--continue)") {
    $0.isTrained && !$0.continueFrom.isEmpty
  }
  private static let horizons = when("targets that look ahead (churn, future-…)") {
    $0.targetRule?.hasHorizon ?? false
  }

  /// By key.
  static let all: [String: SettingEffect] = [reading, task, models, steps].reduce(into: [:]) {
    $0.merge($1) { $1 }
  }

  private static let reading: [String: SettingEffect] = [
    "data": always, "extends": always, "data_format": always, "user_column": always,
    "item_column": always,
    "type_column": when("event types as an input (--inputs type) or in the target") {
      $0.eventNeeds().types
    },
    "time_column": always,
    "end_column": when("--event-features duration") { settings in
      let requests = settings.eventNeeds().features.requests
      return requests?.contains { $0.origin == .duration } ?? true
    },
    "label_column": when("targets of labels, or --inputs type with such a target") {
      $0.eventNeeds().labels
    },
    "session_column": sessions, "session_gap": sessions, "missing": always,
    "time_format": always, "times_between": always, "table": always, "query": always,
    "skip_bad": always,
    // Users and items have titles and groups beside what models take.
    "users": always, "items": always, "item_vectors": always,
    "attribute_kinds": when("tables of --users and --items") {
      !$0.users.isEmpty || !$0.items.isEmpty
    },
    "cache": always, "split_by": always,
    "split_seed": when("--split-by user") { $0.splitBy == .user }, "validation_from": cuts,
    "test_from": cuts,
    "run": always, "resume": always, "format": always, "log_format": always, "quiet": always,
    "verbose": always,
  ]

  private static let task: [String: SettingEffect] = [
    "model": always, "task": always, "target": always,
    "tasks": when("--task multi and pretrain") { $0.task.answer == .parts },
    "contrast_shortest": contrasts, "contrast_temperature": contrasts,
    "horizon": horizons, "cutoff": horizons, "inputs": training,
    "event_features": when("--inputs features, or a target that names a feature") { settings in
      guard settings.isTrained, let kinds = settings.inputKinds else {
        return settings.isTrained
      }
      return kinds.contains(.features)
    },
    "max_length": training,
    "pooling": when("tasks of one target, other than next-item") {
      $0.isTrained && $0.takesPooling
    },
    "start_from": training, "continue": training, "replay": continuations,
    "frozen": starts, "layer_rate": starts, "keep_ratio": starts,
    "lora_rank": starts, "lora_alpha": adapters,
    "loss": training,
    "negatives": sampling(.sampledSoftmax, .bce, .gbce, .bpr),
    "negative_sharing": sampling(.sampledSoftmax, .bce, .gbce, .bpr),
    "negative_sampling": sampling(.sampledSoftmax, .bce, .gbce, .bpr),
    "calibration": sampling(.gbce),
    "label_smoothing": when("rankings of items by --loss cross-entropy") {
      $0.isTrained && $0.hasFullItemLoss
    },
    "teacher": training, "teacher_weight": lessons, "teacher_temperature": lessons,
    "huber_delta": when("--loss huber") { $0.loss == .huber },
    "class_weights": when("targets of classes") { $0.task.answer.hasClasses },
    "bins": when("--task time-to-event") {
      $0.task.answer == .duration || $0.task.answer == .parts
    },
  ]

  private static let steps: [String: SettingEffect] = [
    "batch_size": when("batches that --batch-events does not size") {
      $0.isTrained && $0.batchEvents == 0
    },
    "batch_events": training, "epochs": training, "patience": training, "optimizer": training,
    "momentum": optimizers(.sgd), "nesterov": optimizers(.sgd), "learning_rate": training,
    "schedule": training, "warmup_steps": training, "weight_decay": training, "decayed": training,
    "beta1": optimizers(.adamw, .adam), "beta2": optimizers(.adamw, .adam),
    "clip_norm": training, "max_time": training, "checkpoint_every": training,
    "keep_checkpoints": training, "seed": always,
    "seen": when("rankings of items") { $0.ranksItems }, "device": training, "tuning": device,
    "precision": training, "storage": training,
    "memory": training, "kernels": device, "profile": device,
  ]

  /// `a, b and c`.
  private static func list(_ words: [String]) -> String {
    guard let last = words.last, words.count > 1 else { return words.first ?? "" }
    return words.dropLast().joined(separator: ", ") + " and " + last
  }
}

extension Setting {
  /// The keys of the settings that say when they count.
  package static var keysWithEffects: Set<String> { Set(SettingEffect.all.keys) }

  /// Why a value has no effect beside the other settings; nil where it counts.
  public func idleness(in settings: TrainingSettings) -> String? {
    guard let effect = SettingEffect.all[key], let purpose = effect.purpose,
      !effect.counts(settings)
    else { return nil }
    return "has no effect: it is for \(purpose)"
  }
}

extension TrainingSettings {
  /// Whether the model is trained in steps.
  var isTrained: Bool {
    if case .network = model { true } else { false }
  }
}
