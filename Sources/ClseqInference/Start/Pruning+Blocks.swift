import ClseqModels
import ClseqNN

extension Pruning {
  /// Keeps heads and feed-forward units of the blocks of a run: in each block those of the greatest importance, in
  /// their order.
  ///
  /// The importance is the Frobenius norm of what a head or a unit multiplies its input by: `‖O V‖` of the values' map V
  /// and the out map O of a head, `‖o‖ ‖u‖` of the row u of a unit in the first map and its column o in the second. With
  /// a norm of 0 they add a constant at most. Sources: Li et al., "Pruning filters for efficient ConvNets" (ICLR 2017), for
  /// the removal of units by the norms of their weights; Michel et al., "Are sixteen heads really better than one?"
  /// (NeurIPS 2019), for that of heads.
  ///
  /// - Throws: `ParameterFileError` where arrays of the run are not as they must be.
  init(_ shape: PrunedBlocks, of parameters: RunParameters) throws(ParameterFileError) {
    for name in parameters.names {
      if let part = Self.part(name, before: "attention", ".out.weight") {
        let heads = try Self.heads(of: part, shape, parameters)
        let rows = heads.flatMap { $0 * shape.headWidth..<($0 + 1) * shape.headWidth }
        for map in ["query", "key", "value"] {
          kept["\(part).\(map).weight"] = Kept(rows: rows)
          kept["\(part).\(map).bias"] = Kept(rows: rows)
        }
        kept[name] = Kept(columns: rows)
      } else if let part = Self.part(name, before: "feed_forward", ".down.weight") {
        let units = try Self.units(of: part, shape, parameters)
        kept["\(part).up.weight"] = Kept(rows: units)
        kept["\(part).up.bias"] = Kept(rows: units)
        kept[name] = Kept(columns: units)
      }
    }
  }

  /// The name of the part of a block of which a name is that of an array.
  private static func part(_ name: String, before end: String, _ suffix: String) -> String? {
    guard name.contains("blocks."), name.hasSuffix(end + suffix) else { return nil }
    return String(name.dropLast(suffix.count))
  }

  private static func heads(
    of part: String, _ shape: PrunedBlocks, _ parameters: RunParameters
  ) throws(ParameterFileError) -> [Int] {
    let (width, inner) = (shape.headWidth, shape.whole.heads * shape.headWidth)
    let values = try parameters.floats(part + ".value.weight")
    let out = try parameters.floats(part + ".out.weight")
    let outer = out.count / inner
    let importance = (0..<shape.whole.heads).map { head -> Double in
      // ‖O V‖² = Σ (Oᵀ O) ∘ (V Vᵀ), both K by K.
      var square = 0.0
      for a in head * width..<(head + 1) * width {
        for b in head * width..<(head + 1) * width {
          let ofOut = (0..<outer).reduce(0.0) {
            $0 + Double(out[$1 * inner + a]) * Double(out[$1 * inner + b])
          }
          let ofValues = (0..<outer).reduce(0.0) {
            $0 + Double(values[a * outer + $1]) * Double(values[b * outer + $1])
          }
          square += ofOut * ofValues
        }
      }
      return square
    }
    return greatest(shape.kept.heads, of: importance)
  }

  private static func units(
    of part: String, _ shape: PrunedBlocks, _ parameters: RunParameters
  ) throws(ParameterFileError) -> [Int] {
    let count = shape.whole.units
    let up = try parameters.floats(part + ".up.weight")
    let down = try parameters.floats(part + ".down.weight")
    let (inputs, outputs) = (up.count / count, down.count / count)
    let importance = (0..<count).map { unit -> Double in
      func square(_ values: some Sequence<Float>) -> Double {
        values.reduce(0.0) { $0 + Double($1) * Double($1) }
      }
      return square(up[unit * inputs..<(unit + 1) * inputs])
        * square((0..<outputs).lazy.map { down[$0 * count + unit] })
    }
    return greatest(shape.kept.units, of: importance)
  }
}
