public import ClseqData
public import ClseqModels

/// What `--model` chooses: a model that is trained in steps, or a baseline that counts.
public enum ModelChoice: RawRepresentable, CaseIterable, Codable, Equatable, Sendable {
  /// A model of the catalogue.
  case network(ModelName)
  /// A ranker without training in steps.
  case baseline(Baseline)

  /// The transformer.
  public static let transformer = ModelChoice.network(.transformer)

  /// The models, then the baselines.
  public static var allCases: [ModelChoice] {
    ModelName.allCases.map { .network($0) } + Baseline.allCases.map { .baseline($0) }
  }

  /// The name on the command line.
  public var rawValue: String {
    switch self {
    case .network(let name): name.rawValue
    case .baseline(let baseline): baseline.rawValue
    }
  }

  /// The choice of this name.
  public init?(rawValue: String) {
    guard let choice = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = choice
  }
}
