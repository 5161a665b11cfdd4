public import ClseqOps

/// The models by the names under which settings choose them.
public enum ModelName: String, CaseIterable, Codable, Sendable {
  /// `Transformer`.
  case transformer
}

/// Makes models by name.
public enum ModelCatalog {
  /// A model whose parameters are declared in `store`.
  public static func make(
    _ name: ModelName, _ configuration: Transformer.Configuration, in store: ParameterStore
  ) throws -> any SequenceModel {
    switch name {
    case .transformer: try Transformer(configuration, in: store)
    }
  }
}
