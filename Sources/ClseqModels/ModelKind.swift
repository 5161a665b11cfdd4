public import ClseqOps

/// A kind of model: its name, its settings and how it is made. A model's file declares its kind, and
/// ``ModelCatalog/all`` has a line for it.
public struct ModelKind: Hashable, Sendable, CustomStringConvertible {
  /// What the layers of a model are, for what acts on some of them alone.
  public enum Layers: Sendable {
    /// Transformer blocks, whose maps take adapters, and whose heads and units can be removed.
    case blocks
    /// A stack of LSTM or GRU layers, whose units can be removed.
    case recurrent
    /// Anything else.
    case other
  }

  /// The name on the command line.
  public let name: String
  /// The settings that the model has, in the order of the help.
  public let settings: [OwnedSetting]
  /// Whether the state of an event weighs the earlier ones by it as a candidate, so that there are no
  /// states from which all items could be ranked.
  public let needsCandidate: Bool
  /// Whether the model sees a whole sequence at once and predicts masked events in it, so that no state may
  /// answer for an event that it has seen.
  public let fillsMasks: Bool
  /// Whether the model reads the first part of a sequence and writes the events after it, so that events that
  /// it reads have no states.
  public let writes: Bool
  /// Whether the model compresses a whole sequence to one vector and writes it back, so that a state answers for its
  /// own event.
  public let compresses: Bool
  /// What its layers are.
  public let layers: Layers
  /// Settings of the training with which the model ranks items where nothing else is said: texts by key.
  public let recipe: [String: String]
  /// The defaults of the settings.
  public let defaults: ModelValues
  private let fault: @Sendable (ModelConfiguration) -> String?
  private let make: @Sendable (ModelConfiguration, ParameterStore) throws -> any SequenceModel

  /// Declares a kind.
  ///
  /// - Parameters:
  ///   - name: The name on the command line.
  ///   - settings: The settings that the model has, in the order of the help.
  ///   - needsCandidate: Whether states weigh a history by a candidate.
  ///   - fillsMasks: Whether the model predicts masked events in a whole sequence.
  ///   - writes: Whether the model reads a part of a sequence and writes the events after it.
  ///   - compresses: Whether the model compresses a whole sequence and writes it back.
  ///   - layers: What its layers are.
  ///   - recipe: Settings of the training for ranking items that differ from the usual ones.
  ///   - fault: Why settings do not fit together; nil where they do.
  ///   - make: Makes a model, whose parameters are declared in a store.
  public init(
    _ name: String, settings: [OwnedSetting], needsCandidate: Bool = false,
    fillsMasks: Bool = false, writes: Bool = false, compresses: Bool = false,
    layers: Layers = .other,
    recipe: [String: String] = [:],
    fault: @escaping @Sendable (ModelConfiguration) -> String? = { _ in nil },
    make: @escaping @Sendable (ModelConfiguration, ParameterStore) throws -> any SequenceModel
  ) {
    (self.name, self.settings, self.needsCandidate) = (name, settings, needsCandidate)
    (self.fillsMasks, self.writes, self.recipe) = (fillsMasks, writes, recipe)
    (self.compresses, self.layers) = (compresses, layers)
    (self.fault, self.make) = (fault, make)
    defaults = settings.reduce(into: ModelValues()) { $1.setDefault(&$0) }
  }

  /// Why settings do not fit together; nil where they do.
  public func fault(of values: ModelValues) -> String? {
    fault(ModelConfiguration(self, itemCount: 0, values))
  }

  /// A model whose parameters are declared in `store`.
  ///
  /// - Throws: `OpenCLError.overBudget` when constants of the model do not fit.
  public func model(
    _ configuration: ModelConfiguration, in store: ParameterStore
  ) throws -> any SequenceModel {
    try make(configuration, store)
  }

  /// Whether the state of every event answers for the event after it.
  public var answersEachEvent: Bool { !fillsMasks && !writes && !compresses }

  /// Whether the model has a setting of this key.
  public func has(_ key: String) -> Bool { settings.contains { $0.key == key } }

  /// The name.
  public var description: String { name }

  /// Whether two kinds have one name.
  public static func == (left: ModelKind, right: ModelKind) -> Bool { left.name == right.name }

  /// Adds the name to a hash.
  public func hash(into hasher: inout Hasher) { hasher.combine(name) }
}
