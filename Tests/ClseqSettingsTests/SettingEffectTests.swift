import ClseqSettings
import Testing

/// Settings without effect are told; the table of them knows every setting.
@Suite struct SettingEffectTests {
  private func settings(_ values: (key: String, text: String)...) throws -> TrainingSettings {
    try TrainingSettings(layers: [SettingsLayer(origin: .commandLine, values: values)])
  }

  private func idle(_ key: String, _ settings: TrainingSettings) -> Bool {
    Setting.named(key)?.idleness(in: settings) != nil
  }

  @Test func everySettingSaysWhenItCounts() {
    #expect(Set(Setting.all.map(\.key)) == Setting.keysWithEffects)
  }

  @Test func whatCannotMatterIsTold() throws {
    let usual = try settings()
    for key in [
      "negatives", "calibration", "huber_delta", "validation_from", "test_from", "horizon",
      "cutoff", "class_weights", "bins", "momentum", "window", "recurrent_sizes", "dense_size",
      "attention_score", "type_column", "label_column", "event_features", "attribute_kinds",
      "session_gap", "tasks",
    ] { #expect(idle(key, usual), "\(key)") }
    for key in [
      "heads", "layers", "norm", "beta2", "batch_size", "learning_rate", "hidden_size", "seed",
      "device", "data", "dropout", "epochs", "tuning",
    ] { #expect(!idle(key, usual), "\(key)") }
    #expect(idle("heads", try settings(("model", "gru"))))
    #expect(idle("hidden_size", try settings(("model", "markov"))))
    #expect(!idle("negatives", try settings(("loss", "gbce"))))
    #expect(!idle("calibration", try settings(("loss", "gbce"))))
    #expect(idle("calibration", try settings(("loss", "bce"))))
    #expect(idle("negatives", try settings(("task", "click"), ("loss", "bce"))))
    #expect(!idle("validation_from", try settings(("split_by", "time"))))
    #expect(!idle("type_column", try settings(("inputs", "type"))))
    #expect(!idle("type_column", try settings(("task", "next-event-type"))))
    #expect(!idle("class_weights", try settings(("task", "click"))))
    #expect(idle("batch_size", try settings(("batch_events", "100"))))
    #expect(idle("momentum", usual))
    #expect(!idle("momentum", try settings(("optimizer", "sgd"))))
    #expect(idle("beta1", try settings(("optimizer", "sgd"))))
    #expect(idle("kernels", try settings(("device", "reference"))))
    #expect(idle("kernels", try settings(("model", "popularity"))))
    #expect(
      Setting.named("heads")?.idleness(in: try settings(("model", "cnn")))
        == "has no effect: it is for --model transformer, bert4rec, seq2seq, transformer-ctr, "
        + "autoencoder and vae")
  }
}
