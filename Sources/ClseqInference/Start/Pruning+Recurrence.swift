import ClseqModels
import ClseqNN
import ClseqSettings

extension Pruning {
  /// Keeps units of the recurrent layers of a run: in each layer those of the greatest importance, in their order.
  ///
  /// The importance of a unit, whose output lies between −1 and 1, is the norm of the weights that its output is
  /// multiplied by: in its own layer, and in the next one, the output map or the items. Source: Li et al., "Pruning
  /// filters for efficient ConvNets" (ICLR 2017), for the removal of units by the norms of their weights. Where the
  /// states of the last layer were compared with items as they are, a map puts each remaining unit in its place.
  ///
  /// - Throws: `ParameterFileError` where arrays of the run are not as they must be.
  init(_ shape: PrunedRecurrence, of parameters: RunParameters) throws(ParameterFileError) {
    self.init()
    let first = ".weight_hh_l0"
    guard let name = parameters.names.first(where: { $0.hasSuffix(first) }) else {
      throw ParameterFileError(file: parameters.path, reason: .missingTensor(first))
    }
    let stack = name.dropLast(first.count)
    let output = "output.weight"
    let hasOutput = parameters.shape(output) != nil
    var below: [Int]?
    for (layer, all) in shape.whole.units.enumerated() {
      let recurrent = try parameters.floats("\(stack).weight_hh_l\(layer)")
      let next: [Float]
      if layer + 1 < shape.whole.units.count {
        next = try parameters.floats("\(stack).weight_ih_l\(layer + 1)")
      } else if hasOutput || shape.needsOutput {
        next = try parameters.floats(hasOutput ? output : "items.weight")
      } else {
        next = []
      }
      let units = Self.greatest(
        shape.kept.units[layer],
        of: (0..<all).map { unit in
          [recurrent, next].reduce(0) { $0 + Self.squaredNorm(ofColumn: unit, of: $1, width: all) }
        })
      let gateCount = recurrent.count / (all * all)
      let rows = (0..<gateCount).flatMap { gate in units.map { gate * all + $0 } }
      kept["\(stack).weight_ih_l\(layer)"] = Kept(rows: rows, columns: below)
      kept["\(stack).weight_hh_l\(layer)"] = Kept(rows: rows, columns: units)
      for bias in ["bias_ih", "bias_hh"] { kept["\(stack).\(bias)_l\(layer)"] = Kept(rows: rows) }
      below = units
    }
    guard let last = below, let width = shape.whole.units.last else { return }
    if hasOutput {
      kept[output] = Kept(columns: last)
    } else if shape.needsOutput {
      made[output] = (0..<width).flatMap { row in last.map { $0 == row ? 1 : 0 } }
      made["output.bias"] = [Float](repeating: 0, count: width)
    }
    // Heads read the states of the last layer where no output map stands between.
    for name in parameters.names where !hasOutput && TrainingSettings.isOfHead(name) {
      guard let shape = parameters.shape(name) else { continue }
      if shape.count == 2, shape[1] == width {
        kept[name] = Kept(columns: last)
      } else if shape[0] == width {
        kept[name] = Kept(rows: last)
      }
    }
  }
}
