import ClseqBase
public import ClseqOps

// Settings that several models have. A setting of one model stands in the model's file.

extension ModelSetting<Int> {
  /// Model width D.
  public static var hiddenSize: ModelSetting {
    ModelSetting("hidden_size", 64, .integer(1...65_536), "Width of the model")
  }

  /// Feed-forward width F; 0 for four times the model width.
  public static var feedForwardSize: ModelSetting {
    ModelSetting(
      "feed_forward_size", 0, .integer(0...1_048_576),
      "Width of the feed-forward layer; 0 for four times the hidden size")
  }

  /// Number of last events that a model with a window sees.
  public static var window: ModelSetting {
    ModelSetting("window", 5, .integer(1...1_000), "Number of last events that the model sees")
  }

  /// Width of dense layers after attention.
  public static var denseSize: ModelSetting {
    ModelSetting("dense_size", 64, .integer(1...65_536), "Width of the dense layers")
  }
}

extension ModelSetting<Double> {
  /// Probability that a value is dropped in training.
  public static var dropout: ModelSetting {
    ModelSetting("dropout", 0.2, .number(0..<1), "Probability of dropout in training")
  }
}

extension ModelSetting<Activation> {
  /// Nonlinearity of the feed-forward layer.
  public static var activation: ModelSetting {
    ModelSetting("activation", .gelu, .choice, "Nonlinearity of the feed-forward layer")
  }
}

extension ModelSetting<[Int]> {
  /// Hidden sizes of stacked recurrent layers.
  public static var recurrentSizes: ModelSetting {
    ModelSetting(
      "recurrent_sizes", [128], .sizes(1...65_536), "Hidden sizes of stacked recurrent layers")
  }
}
