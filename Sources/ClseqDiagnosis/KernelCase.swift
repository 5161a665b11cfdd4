import ClseqData
import ClseqInference
import ClseqModels
import ClseqNN
public import ClseqOps
import ClseqSettings
import ClseqShop
import ClseqTraining

/// A result of a case: a name, and values on which the device and the reference must agree.
package struct CaseResult {
  let name: String
  let values: [Float]

  package init(name: String, values: [Float]) {
    (self.name, self.values) = (name, values)
  }
}

/// Training, evaluation and single ops on inputs of at most a few dozen rows, whose lengths and
/// widths are not multiples of a tile. Loops over tiles run at least twice in some case, so that a
/// missing barrier between two tiles is detected.
public enum KernelCase: String, CaseIterable, Sendable {
  case training, postNormTraining, activations, crossEntropy, sampledLosses, optimizers, products
  case attention, ranking, recurrence, linearScans, rowLosses, rows, norms, causalWindows
  case targetAttention, tables, adapters, codes

  /// Launches everything of the case.
  public func run(on backend: Backend) throws { _ = try results(on: backend) }

  func results(on backend: Backend) throws -> [CaseResult] {
    var results: [CaseResult] = []
    switch self {
    case .training:
      try backend.train(&results) { settings in
        settings[.dropout] = 0.25
        settings[.positions] = .learned
      }
    case .postNormTraining:
      try backend.train(&results) { settings in
        settings[.dropout] = 0
        settings[.activation] = .relu
        settings[.norm] = .post
        settings[.positions] = .sinusoidal
        settings[.headWidth] = 4
        settings.clipNorm = 1
      }
    case .activations: try backend.activations(&results)
    case .crossEntropy: try backend.crossEntropy(&results)
    case .sampledLosses: try backend.sampledLosses(&results)
    case .optimizers: try backend.optimizers(&results)
    case .products: try backend.products(&results)
    case .attention: try backend.attention(&results)
    case .ranking: try backend.topRows(&results)
    case .recurrence: try backend.recurrence(&results)
    case .linearScans: try backend.linearScans(&results)
    case .rowLosses: try backend.rowLosses(&results)
    case .rows: try backend.rows(&results)
    case .norms: try backend.norms(&results)
    case .causalWindows: try backend.causalWindows(&results)
    case .targetAttention: try backend.targetAttention(&results)
    case .tables: try backend.tables(&results)
    case .adapters: try backend.adaptedMap(&results)
    case .codes: try backend.codes(&results)
    }
    return results
  }
}

extension Backend {
  /// The steps of an epoch of a tiny transformer, and its evaluation.
  fileprivate func train(
    _ results: inout [CaseResult], _ change: (inout TrainingSettings) -> Void
  ) throws {
    var settings = TrainingSettings()
    settings[.hiddenSize] = 10
    settings[.layers] = 1
    settings[.heads] = 2
    settings.maxLength = 5
    settings.batchSize = 3
    change(&settings)
    let dataset = try ShopLog(users: 3, items: 19, eventsPerUser: 4...9, seed: 3).dataset()
    let trainer = try Trainer(settings, dataset: dataset, on: self)
    let sampler = BatchSampler(
      Split.leaveOneOut(dataset), maximumLength: settings.maxLength,
      batchSize: settings.batchSizing,
      seed: settings.seed)
    for batch in sampler.batches(epoch: 0) {
      try add("loss", try trainer.step(batch), to: &results)
    }
    // Ranks of nearly equal scores may differ: they are computed, but not compared.
    _ = try trainer.evaluator.ranks(of: .validation)
  }

  /// Activations on their own, with gradients accumulated.
  fileprivate func activations(_ results: inout [CaseResult]) throws {
    for function in Activation.allCases {
      let tape = trainingTape()
      let x = try numbers([3, 11])
      let sum = try tape.add(try tape.activation(function, x), try tape.activation(function, x))
      try tape.backward(from: sum)
      try add("\(function)", sum, to: &results)
      try add("gradient of \(function)", tape.gradient(of: x), to: &results)
    }
  }

  /// More events, classes and channels than a tile has; hard targets, smoothed ones, and those of a teacher.
  func crossEntropy(_ results: inout [CaseResult]) throws {
    let forms: [(name: String, smoothing: Float, weight: Float, temperature: Float)] = [
      ("", 0, 0, 1), (", smoothed", 0.1, 0, 1), (", taught", 0.1, 0.5, 1),
      (", cooled", 0.1, 0.5, 2),
    ]
    for (name, smoothing, weight, temperature) in forms {
      let store = ParameterStore(self)
      let table = store.declare("table", [71, 19], .normal(standardDeviation: 1), isTable: true)
      let other = store.declare("teacher", [71, 23], .normal(standardDeviation: 1), isTable: true)
      try store.allocate(seed: 1)
      let tape = trainingTape()
      let x = try numbers([67, 19])
      let targets = try indices((0..<67).map { $0 * 37 % 71 })
      let teacher = SoftTargets(
        states: try numbers([67, 23]), table: other.value, weight: weight,
        temperature: temperature)
      let loss =
        smoothing == 0
        ? try tape.linearCrossEntropy(
          x, table: table, targets: targets, firstClass: 1, classCount: 70, scale: 0.2)
        : try tape.softCrossEntropy(
          x, table: table, targets: targets, firstClass: 1, classCount: 70, smoothing: smoothing,
          teacher: weight == 0 ? nil : teacher, scale: 0.2)
      try tape.backward(from: loss)
      try add("loss" + name, loss, to: &results)
      try add("gradient of states" + name, tape.gradient(of: x), to: &results)
      try add("gradient of the table" + name, store.gradients, to: &results)
    }
  }

  /// Every loss with shared negatives and with negatives per event, more of both than a panel or a
  /// team has.
  func sampledLosses(_ results: inout [CaseResult]) throws {
    let targets: [Int32] = [1, 70, 0, 8, 33]
    let shared = [Int32](4..<54)
    let own = (0..<90).map { (place: Int32) -> Int32 in place * 37 % 70 + 1 }
    let targetRows = try rowIndex(RowIndex(targets, rowCount: 71))
    for kind in [SampledLossKind.sampledSoftmax, .binary, .pairwise] {
      for rows in [shared, own] {
        let store = ParameterStore(self)
        let table = store.declare("table", [71, 37], .normal(standardDeviation: 1), isTable: true)
        try store.allocate(seed: 1)
        let counts = SampledNegatives.LogExpectedCounts(
          negatives: try numbers([rows.count]), targets: try numbers([5]))
        let negatives: SampledNegatives =
          rows.count == 50
          ? .shared(try indices(rows), logExpectedCounts: counts)
          : .perEvent(
            try indices(rows), count: 18, rowIndex: try rowIndex(RowIndex(rows, rowCount: 71)),
            logExpectedCounts: counts)
        let tape = trainingTape()
        let x = try numbers([5, 37])
        let loss = try tape.sampledLoss(
          x, table: table, targets: try indices(targets),
          targetRows: targetRows, negatives: negatives, kind: kind, firstClass: 1, classCount: 70,
          scale: 0.2)
        try tape.backward(from: loss)
        try add("\(kind)", loss, to: &results)
        try add("gradient of states, \(kind)", tape.gradient(of: x), to: &results)
        try add("gradient of the table, \(kind)", store.gradients, to: &results)
      }
    }
  }

  /// AdamW, Adam and gradient descent.
  fileprivate func optimizers(_ results: inout [CaseResult]) throws {
    for rule in [OptimizerSettings.Rule.adamW(), .adam(), .sgd(momentum: 0.9, nesterov: true)] {
      let store = ParameterStore(self)
      let weight = store.declare("weight", [71], .normal(standardDeviation: 1))
      try store.allocate(seed: 1)
      try write([Float](repeating: 0.5, count: 71), to: weight.gradient)
      let settings = OptimizerSettings(rule, maximumGradientNorm: 1)
      try add(
        "norm", try store.update(by: settings, learningRate: 0.1, step: 1, seed: 1), to: &results)
      try add("updated values", weight.value, to: &results)
    }
  }

  /// Every layout of the matrix product with its gradients, one of them for a batch of two with
  /// gradients accumulated.
  fileprivate func products(_ results: inout [CaseResult]) throws {
    // The last is summed in splits.
    for (batch, transposeA, transposeB, depth) in [
      (2, false, false, 19), (1, false, true, 19), (1, true, false, 19), (1, true, false, 260),
    ] {
      let tape = trainingTape()
      let a = try numbers([batch] + (transposeA ? [depth, 5] : [5, depth]))
      let b = try numbers([batch] + (transposeB ? [7, depth] : [depth, 7]))
      var product = try tape.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
      if batch > 1 { product = try tape.add(product, try tape.matmul(a, b)) }
      try tape.backward(from: product)
      try add("product", product, to: &results)
      try add("gradient of a", tape.gradient(of: a), to: &results)
      try add("gradient of b", tape.gradient(of: b), to: &results)
    }
    // A batch of products that are not small, with more rows and columns than a tile of a CPU.
    let tape = trainingTape()
    let x = try numbers([2, 35, 18])
    let product = try tape.matmul(x, x, transposeB: true)
    try tape.backward(from: product)
    try add("product with itself", product, to: &results)
    try add("gradient of both factors", tape.gradient(of: x), to: &results)
    // So many tiles that a GPU takes the larger ones, which a matrix unit always has.
    if matrixUnit != nil { return }
    let many = try Tape(self, mode: .inference).matmul(
      try numbers([530, 33, 2]), try numbers([530, 2, 4]))
    try add("many products", many, to: &results)
  }

  /// More keys than a tile has; kernels are built per head width, mask and dropout. Heads of every
  /// division of a work-group on a GPU, the last two read in several pieces.
  fileprivate func attention(_ results: inout [CaseResult]) throws {
    for (width, mask, dropout, events) in [
      (5, AttentionMask.full, 0.25, 36), (32, .causal, 0, 36), (40, .causal, 0.25, 67),
      (72, .full, 0, 131), (8, .window(40), 0.25, 150),
    ] {
      let tape = trainingTape()
      let x = try numbers([events, 3 * width])
      let first = Int32(events - 1)
      let out = try tape.attention(
        x,
        shape: RaggedShape(
          offsets: try indices([0, first, first + 1]), lengths: [events - 1, 1]),
        sequences: try indices([Int32](repeating: 0, count: events - 1) + [1]), heads: 1,
        mask: mask, dropout: Float(dropout), key: tape.randomKey("attention"))
      try tape.backward(from: out)
      try add("attention", out, to: &results)
      try add("gradient of queries, keys and values", tape.gradient(of: x), to: &results)
    }
  }

  /// More rows per block than a work-group has teams, and more columns than a team has lanes; two norms of
  /// one weight.
  fileprivate func norms(_ results: inout [CaseResult]) throws {
    let (n, d) = (150, 33)
    let store = ParameterStore(self)
    let weight = store.declare("weight", [d], .normal(standardDeviation: 1))
    let bias = store.declare("bias", [d], .normal(standardDeviation: 1))
    try store.allocate(seed: 1)
    let tape = trainingTape()
    let (x, residual) = (try numbers([n, d]), try numbers([n, d]))
    let events = EventIndices(
      items: try indices([Int32](repeating: 1, count: n)),
      times: try indices((0..<n).map { Int32($0 % 90) }),
      sequences: try indices((0..<n).map { Int32($0 / 90) }))
    let (sum, normed) = try tape.residualNorm(
      x, onto: residual, rate: DropoutRate(0.25), layer: "a", events: events, weight: weight,
      bias: bias)
    let y = try tape.add(sum, try tape.layerNorm(normed, weight: weight, bias: bias))
    try tape.backward(from: y)
    try add("norms", y, to: &results)
    try add("gradient of the residual", tape.gradient(of: residual), to: &results)
    try add("gradient of the input", tape.gradient(of: x), to: &results)
    try add("gradients of norms", store.gradients, to: &results)
  }

  fileprivate func topRows(_ results: inout [CaseResult]) throws {
    let exclusions = UserRows(
      offsets: try indices([0, 2, 2, 3]), rows: try indices([4, 9, 1]))
    let top = try topItems(
      3, try numbers([3, 10]), table: try numbers([20, 10]), excluding: exclusions, firstItem: 1,
      itemCount: 19)
    results.append(CaseResult(name: "rows", values: try read(top.rows).map(Float.init)))
    let ranks = try rankTargets(
      try numbers([3, 10]), table: try numbers([20, 10]), targets: try indices([2, 8, 19]),
      among: UserRows(
        offsets: try indices([0, 9, 9, 12]),
        rows: try indices([1, 3, 4, 5, 6, 7, 9, 2, 10, 4, 9, 1])),
      firstItem: 1, itemCount: 19)
    results.append(CaseResult(name: "ranks", values: try read(ranks).map(Float.init)))
    // The second target is excluded itself, the third is not an item.
    let rest = try rankTargets(
      try numbers([3, 10]), table: try numbers([150, 10]), targets: try indices([2, 8, 140]),
      excluding: UserRows(
        offsets: try indices([0, 2, 5, 5]), rows: try indices([4, 9, 1, 8, 20])),
      firstItem: 1, itemCount: 139)
    results.append(CaseResult(name: "ranks of the rest", values: try read(rest).map(Float.init)))
  }

  /// Reads a result; a missing gradient has no values.
  func add(_ name: String, _ tensor: Tensor?, to results: inout [CaseResult]) throws {
    results.append(CaseResult(name: name, values: try tensor.map(read) ?? []))
  }

  func trainingTape() -> Tape {
    Tape(self, mode: .training(RandomKey(seed: 1, epoch: 0)))
  }

  /// A tensor of different small numbers.
  func numbers(_ shape: [Int]) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try tensor((0..<count).map { Float($0 * 37 % 101) / 101 - 0.5 }, shape)
  }
}
