/// A part of the flat arrays of a store that one launch of an optimiser updates.
struct TrainedRange {
  /// Of the flat arrays.
  let range: Range<Int>
  /// The first so many of them decay.
  let decayedCount: Int
  let rateFactor: Double
  /// The parameter, where the range is a table in bf16.
  let table: Parameter?
}

/// The places of parameters in flat arrays: those of a rate together, of these the decaying ones first; then
/// tables in bf16; frozen ones last.
struct ParameterLayout {
  /// Where each parameter begins, in the order of declaration.
  let offsets: [Int]
  let trained: [TrainedRange]
  /// Neighbouring parts of the values that are of one type each.
  let pieces: [(range: Range<Int>, elementType: Tensor.ElementType)]
  /// Length of the values, with gaps that align parameters.
  let count: Int

  /// Length of gradients and moments.
  var trainedCount: Int { trained.last?.range.upperBound ?? 0 }

  /// - Parameters:
  ///   - alignment: of parameters, in bytes.
  ///   - storage: of trained tables.
  init(_ parameters: [Parameter], alignment: Int, storage: Tensor.ElementType) {
    let step = alignment / storage.byteCount
    func aligned(_ end: Int) -> Int { (end + step - 1) / step * step }
    let isHalf = parameters.map { $0.isTable && $0.isTrained && storage != .float32 }
    let floats = parameters.indices.filter { parameters[$0].isTrained && !isHalf[$0] }
    var rates: [Double] = []
    for factor in floats.map({ parameters[$0].group.rateFactor }) where !rates.contains(factor) {
      rates.append(factor)
    }
    var sections = rates.map { rate in
      let members = floats.filter { parameters[$0].group.rateFactor == rate }
      let decayed = members.filter { parameters[$0].group.decays }
      return decayed + members.filter { !parameters[$0].group.decays }
    }
    let tables = parameters.indices.filter { isHalf[$0] }
    sections += tables.map { [$0] }
    let frozen = parameters.indices.filter { !parameters[$0].isTrained }
    var offsets = [Int](repeating: 0, count: parameters.count)
    var (end, trained): (Int, [TrainedRange]) = (0, [])
    for members in sections + [frozen] {
      let start = aligned(end)
      var decayed = 0
      for index in members {
        offsets[index] = aligned(end)
        end = offsets[index] + parameters[index].count
        if parameters[index].group.decays { decayed = end - start }
      }
      guard let first = members.first, parameters[first].isTrained else { continue }
      trained.append(
        TrainedRange(
          range: start..<end, decayedCount: decayed,
          rateFactor: parameters[first].group.rateFactor,
          table: isHalf[first] ? parameters[first] : nil))
    }
    (self.offsets, self.trained, count) = (offsets, trained, end)
    let firstHalf = tables.first.map { offsets[$0] } ?? end
    let firstFrozen = frozen.first.map { offsets[$0] } ?? end
    let types: [(range: Range<Int>, elementType: Tensor.ElementType)] =
      tables.isEmpty
      ? [(0..<end, .float32)]
      : [
        (0..<firstHalf, .float32), (firstHalf..<firstFrozen, storage),
        (firstFrozen..<end, .float32),
      ]
    pieces = types.filter { !$0.range.isEmpty }
  }
}
