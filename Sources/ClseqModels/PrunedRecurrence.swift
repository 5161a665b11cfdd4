import ClseqOps

/// How many units of each layer a recurrent model keeps that is pruned to a share of the weights of these layers.
///
/// All layers lose the same share of their units as nearly as multiples of 8 allow; of a layer of fewer than 16 units
/// any number stays. The most units are kept with which the layers have no more than the share of their weights.
public struct PrunedRecurrence: Equatable, Sendable, CustomStringConvertible {
  /// Sizes of the layers.
  public struct Size: Equatable, Sendable {
    /// Units H of each layer.
    public let units: [Int]
    /// Values of all layers, biases among them.
    public let weightCount: Int
  }

  /// What is kept.
  public let kept: Size
  /// What there was.
  public let whole: Size
  /// Whether the states of the last layer are compared with items as they are, so that a smaller layer needs a map to
  /// their width.
  public let needsOutput: Bool

  /// - Parameters:
  ///   - kind: A kind of recurrent layers.
  ///   - values: The settings of the whole model.
  ///   - share: The share of the weights of its layers that stay, above 0 and at most 1.
  /// - Throws: ``PrunedShape/TooSmall``.
  public init(_ kind: ModelKind, _ values: ModelValues, keeping share: Double) throws {
    precondition(kind.layers == .recurrent, "PrunedRecurrence: \(kind) has no recurrent layers")
    let configuration = ModelConfiguration(kind, itemCount: 1, values)
    let (units, width) = (configuration[.recurrentSizes], configuration.width)
    func counted(_ units: [Int]) throws -> Size {
      var configuration = configuration
      configuration[.recurrentSizes] = units
      let store = ParameterStore(.reference(memoryBudget: .max / 2))
      _ = try kind.model(configuration, in: store)
      let count = store.parameters.filter { $0.name.hasPrefix(kind.name + ".") }
        .reduce(0) { $0 + $1.count }
      return Size(units: units, weightCount: count)
    }
    whole = try counted(units)
    let limit = Int(share * Double(whole.weightCount))
    // From all units down to one step of each layer.
    let steps = units.map { $0 < 16 ? 1 : 8 }
    let most = units.max() ?? 1
    var size = whole
    for remaining in (1...most).reversed() where size.weightCount > limit {
      size = try counted(
        zip(units, steps).enumerated().map { layer, pair in
          let (all, step) = pair
          let fewer = max(step, all * remaining / most / step * step)
          // Without a map to the width of items the last layer would be another kind of model.
          let isLast = layer == units.count - 1
          return isLast && fewer == width && all != width ? max(1, fewer - step) : fewer
        })
    }
    guard size.weightCount <= limit else {
      throw PrunedShape.TooSmall(
        Double(size.weightCount) / Double(whole.weightCount),
        "less than a few units of each recurrent layer")
    }
    kept = size
    needsOutput = units.last == width && size.units.last != width
  }

  /// The settings of the pruned model, by key.
  public var values: [(key: String, text: String)] {
    [("recurrent_sizes", kept.units.map(String.init).joined(separator: ","))]
  }

  /// One line for a note.
  public var description: String {
    let layers = zip(kept.units, whole.units).map { "\($0) of \($1)" }.joined(separator: ", ")
    return
      "kept \(layers) units of the recurrent layers: \(kept.weightCount) of \(whole.weightCount) weights of "
      + "these layers"
  }
}
