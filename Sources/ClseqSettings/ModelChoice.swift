public import ClseqData
public import ClseqModels

/// What `--model` chooses: a model that is trained in steps, or a baseline that counts.
public enum ModelChoice: RawRepresentable, CaseIterable, Codable, Equatable, Sendable {
  /// A model of the catalogue.
  case network(ModelKind)
  /// A ranker without training in steps.
  case baseline(Baseline)

  /// The transformer.
  public static let transformer = ModelChoice.network(.transformer)

  /// The models, then the baselines.
  public static var allCases: [ModelChoice] {
    ModelCatalog.all.map { .network($0) } + Baseline.allCases.map { .baseline($0) }
  }

  /// The name on the command line.
  public var rawValue: String {
    switch self {
    case .network(let kind): kind.name
    case .baseline(let baseline): baseline.rawValue
    }
  }

  /// The kind of a model that is trained in steps; nil for a baseline.
  public var kind: ModelKind? {
    if case .network(let kind) = self { kind } else { nil }
  }

  /// The defaults of the model's own settings.
  var defaults: ModelValues { kind?.defaults ?? ModelValues() }

  /// The choice of this name.
  public init?(rawValue: String) {
    guard let choice = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = choice
  }
}
