package import ClseqOps

extension TrainingSettings {
  /// How the optimiser treats the parameters of a model.
  ///
  /// Layers count from the embeddings (0) over the numbered layers of a model (`blocks.0` is 1) to the
  /// heads and everything else after the last numbered layer. The rate of a layer is ``layerRate`` to the power
  /// of its distance from the heads (Howard and Ruder, "Universal language model fine-tuning", ACL 2018).
  ///
  /// - Parameters:
  ///   - parameters: all of them; a run that starts from another needs a trained one.
  ///   - inherited: names of the parameters whose values stay those of another run beside adapters.
  package func groups(
    of parameters: [Parameter], inherited: Set<String> = []
  ) -> [String: ParameterGroup] {
    let names = parameters.map(\.name)
    let last = (names.compactMap(Self.number).max() ?? 0) + 1
    return Dictionary(
      uniqueKeysWithValues: parameters.map { parameter in
        let name = parameter.name
        let layer =
          Self.embeddings.contains { name.hasPrefix($0) } ? 0 : Self.number(of: name) ?? last
        var group = ParameterGroup(decays: decayed == .all || parameter.shape.count > 1)
        guard !startFrom.isEmpty else { return (name, group) }
        switch frozen {
        case .none: group.isTrained = !inherited.contains(name)
        case .body: group.isTrained = Self.isOfHead(name)
        case .layers(let count): group.isTrained = layer > count
        }
        group.rateFactor = (0..<last - layer).reduce(1) { rate, _ in rate * layerRate }
        return (name, group)
      })
  }

  /// Whether a parameter belongs to the heads of a task.
  package static func isOfHead(_ name: String) -> Bool {
    ["head", "pooling.", "contrast.", "attributes.", "next_sequence."].contains {
      name.hasPrefix($0)
    }
  }

  private static let embeddings = [
    "items.", "positions.", "event_types.", "gaps.", "numbers.", "item_attributes.",
    "user_attributes.", "segments.",
  ]

  /// The number of a layer, from 1: 2 of `blocks.1.attention.weight`; nil of one without.
  private static func number(of name: String) -> Int? {
    name.split(separator: ".").dropFirst().lazy.compactMap { Int($0) }.first.map { $0 + 1 }
  }
}
