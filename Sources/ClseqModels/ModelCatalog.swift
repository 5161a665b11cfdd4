/// The models that settings choose by name.
public enum ModelCatalog {
  /// All of them, in the order of the help.
  public static let all: [ModelKind] = [
    .transformer,
    .bert4rec,
    .seq2seq,
    .lstmSeq2seq,
    .lstm,
    .gru,
    .ssm,
    .lstmAttention,
    .transformerCTR,
    .mlp,
    .cnn,
    .din,
    .dlrm,
    .autoencoder,
    .vae,
    .convAutoencoder,
  ]

  /// The settings of all models, each once, in the order in which models have them.
  public static let settings: [OwnedSetting] = {
    var keys = Set<String>()
    return all.flatMap(\.settings).filter { keys.insert($0.key).inserted }
  }()

  /// The models that have a setting of this key.
  public static func models(with key: String) -> [ModelKind] { all.filter { $0.has(key) } }
}
