import ClseqOps

/// Ops of supervised models.
extension Backend {
  /// Every loss of rows, with weights and with targets that do not count; more columns than a GPU
  /// has work-items per row.
  func rowLosses(_ results: inout [CaseResult]) throws {
    let (rows, width) = (9, 37)
    let targets = try numbers([rows, width])
    let places = try indices([0, 36, 37, -1, 5, 6, 7, 8, 9])
    let kinds: [RowLoss] = [
      .softmax(targets: places, classWeights: try numbers([width])), .binary(targets: targets),
      .squared(targets: targets), .absolute(targets: targets),
      .huber(targets: targets, delta: 0.1),
      .hazard(bins: places, observed: try indices([1, 0, 1, 0, 1, 0, 1, 0, 1])),
    ]
    for kind in kinds {
      let tape = trainingTape()
      let outputs = try numbers([rows, width])
      let loss = try tape.rowLoss(outputs, kind: kind, weights: try numbers([rows]), scale: 0.5)
      try tape.backward(from: loss)
      try add("loss", loss, to: &results)
      try add("gradient of outputs", tape.gradient(of: outputs), to: &results)
    }
  }

  /// Rows that are gathered, concatenated and multiplied, with gradients accumulated.
  func rows(_ results: inout [CaseResult]) throws {
    let tape = trainingTape()
    let (x, z) = (try numbers([5, 19]), try numbers([3, 2]))
    let index = try rowIndex(RowIndex([4, 0, 4], rowCount: 5))
    let rows = try indices([4, 0, 4])
    let first = try tape.gather(x, rows: rows, index: index)
    let second = try tape.gather(x, rows: rows, index: index)
    let joined = try tape.concat([first, z, second, z])
    let product = try tape.multiply(joined, joined)
    try tape.backward(from: product)
    try add("rows", product, to: &results)
    try add("gradient of rows", tape.gradient(of: x), to: &results)
    // More rows than a work-group has.
    let choices = try indices((0..<70).map { $0 % 3 == 1 ? $0 % 2 : -1 })
    let (own, others) = (try numbers([70, 19]), try numbers([70, 19]))
    let selected = try tape.add(
      try tape.selectRows(own, others, where: choices),
      try tape.selectRows(own, others, where: choices))
    try tape.backward(from: selected)
    try add("selected rows", selected, to: &results)
    try add("gradient of selected rows", tape.gradient(of: own), to: &results)
    let items = try selectItems(choices, try indices([7, 8]), where: choices)
    results.append(CaseResult(name: "selected items", values: try read(items).map(Float.init)))
    // More rows of matrices than a work-group has teams.
    let matrices = try tape.reshape(try numbers([5, 9 * 9]), [5, 9, 9])
    let triangles = try tape.add(
      try tape.lowerTriangle(matrices), try tape.lowerTriangle(matrices))
    try tape.backward(from: triangles)
    try add("triangles", triangles, to: &results)
    try add("gradient of matrices", tape.gradient(of: matrices), to: &results)
    let weights = try attentionWeights(
      try numbers([7, 3 * 10]), offsets: try indices([0, 1, 7]), heads: 2)
    try add("attention weights", weights, to: &results)
  }

  /// Codes of more sequences than a work-group of a GPU has rows, drawn twice, and their divergence.
  func codes(_ results: inout [CaseResult]) throws {
    let (count, width) = (67, 11)
    let (mean, logVariance) = (try numbers([count, width]), try numbers([count, width]))
    let sequences = try indices((0..<Int32(count)).map { $0 * 37 })
    let tape = trainingTape()
    func drawn(_ layer: String) throws -> Tensor {
      try tape.gaussianSample(
        mean: mean, logVariance: logVariance, sequences: sequences, layer: layer)
    }
    let sum = try tape.add(try drawn("one"), try drawn("two"))
    try tape.backward(from: sum)
    try add("codes", sum, to: &results)
    let other = trainingTape()
    let loss = try other.gaussianDivergence(
      mean: mean, logVariance: logVariance, least: 0.01, scale: 0.2)
    try other.backward(from: loss)
    try add("divergence", loss, to: &results)
    for (name, tape) in [("codes", tape), ("divergence", other)] {
      try add("gradient of means, \(name)", tape.gradient(of: mean), to: &results)
      try add("gradient of variances, \(name)", tape.gradient(of: logVariance), to: &results)
    }
  }

  /// Windows across two sequences, with gradients accumulated.
  func causalWindows(_ results: inout [CaseResult]) throws {
    let times = try indices([0, 1, 2, 3, 4, 0, 1])
    let store = ParameterStore(self)
    let weights = store.declare("weights", [2, 3], .normal(standardDeviation: 1))
    try store.allocate(seed: 1)
    let ops: [(Tape, Tensor) throws -> Tensor] = [
      { try $0.causalWindow($1, times: times, width: 3, dilation: 2, lag: 1) },
      { try $0.causalWindowMax($1, times: times, width: 3) },
      { try $0.causalWindowSum($1, weights: weights, times: times) },
    ]
    for op in ops {
      let tape = trainingTape()
      let x = try numbers([7, 19])
      let sum = try tape.add(try op(tape, x), try op(tape, x))
      try tape.backward(from: sum)
      try add("windows", sum, to: &results)
      try add("gradient of events", tape.gradient(of: x), to: &results)
    }
  }

  /// More units and channels than a GPU's work-group has items; in several chunks. Gradients are
  /// accumulated.
  func targetAttention(_ results: inout [CaseResult]) throws {
    for (events, length, width, hidden, window, chunkLimit) in [
      (8, 5, 65, 66, 3, 6), (20, 19, 5, 3, 16, 100),
    ] {
      let inputs = try [width, width, hidden, hidden].map { try numbers([events, $0]) }
      let shape = RaggedShape(
        offsets: try indices([0, Int32(length), Int32(events)]),
        lengths: [length, events - length])
      let store = ParameterStore(self)
      let product = store.declare("product", [hidden, width], .normal(standardDeviation: 0.1))
      let output = store.declare("output", [hidden], .normal(standardDeviation: 1))
      try store.allocate(seed: 1)
      let tape = trainingTape()
      let attention = TargetAttention(
        q: inputs[0], k: inputs[1], queryPart: inputs[2], keyPart: inputs[3], product: product,
        output: output, shape: shape, window: window, chunkLimit: chunkLimit)
      let sum = try tape.add(
        try tape.targetAttention(attention), try tape.targetAttention(attention))
      try tape.backward(from: sum)
      try add("target attention", sum, to: &results)
      for (name, input) in zip(["queries", "keys", "query parts", "key parts"], inputs) {
        try add("gradient of \(name)", tape.gradient(of: input), to: &results)
      }
      try add("gradients of weights", store.gradients, to: &results)
      // Places without an event before a target are not written.
      let scores = try read(try attention.scores(on: self))
      let kept = scores.enumerated().filter { place, _ in
        place % window < (place / window) % length
      }
      results.append(CaseResult(name: "scores", values: kept.map(\.element)))
    }
  }
}
