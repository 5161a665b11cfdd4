import Clseq

/// Training, evaluation and single ops on inputs of at most a few dozen rows, whose lengths and widths
/// are no multiples of any tile. Loops over tiles run at least twice somewhere, so that a barrier that
/// is missing between two tiles shows.
enum SmallCase: String, CaseIterable {
  case training, postNormTraining, activations, crossEntropy, sampledLosses, optimizers, products
  case attention, ranking

  func run(on backend: Backend) throws {
    switch self {
    case .training:
      try backend.train { settings in
        settings.dropout = 0.25
        settings.positions = .learned
      }
    case .postNormTraining:
      try backend.train { settings in
        settings.dropout = 0
        settings.activation = .relu
        settings.norm = .post
        settings.positions = .sinusoidal
        settings.clipNorm = 1
      }
    case .activations: try backend.activations()
    case .crossEntropy: try backend.crossEntropy()
    case .sampledLosses: try backend.sampledLosses()
    case .optimizers: try backend.optimizers()
    case .products: try backend.products()
    case .attention: try backend.bidirectionalAttention()
    case .ranking: try backend.topRows()
    }
  }
}

extension Backend {
  /// The steps of an epoch of a tiny transformer, and its evaluation.
  fileprivate func train(_ change: (inout TrainingSettings) -> Void) throws {
    var settings = TrainingSettings()
    settings.hiddenSize = 10
    settings.layers = 1
    settings.heads = 2
    settings.maxLength = 5
    settings.batchSize = 3
    change(&settings)
    let dataset = try ShopLog(users: 3, items: 19, eventsPerUser: 4...9, seed: 3).dataset()
    let trainer = try Trainer(settings, dataset: dataset, on: self)
    let sampler = BatchSampler(
      Split.leaveOneOut(dataset), maximumLength: settings.maxLength,
      batchSize: settings.batchSizing,
      seed: settings.seed)
    for batch in sampler.batches(epoch: 0) { _ = try read(try trainer.step(batch)) }
    _ = try trainer.evaluator.metrics(of: .validation)
  }

  /// Activations on their own, with gradients accumulated.
  fileprivate func activations() throws {
    for function in Activation.allCases {
      let tape = trainingTape()
      let x = try numbers([3, 11])
      let sum = try tape.add(try tape.activation(function, x), try tape.activation(function, x))
      try tape.backward(from: sum)
      _ = try read(sum)
    }
  }

  /// More classes and channels than a tile has.
  fileprivate func crossEntropy() throws {
    let store = ParameterStore(self)
    let table = store.declare("table", [71, 19], .normal(standardDeviation: 1))
    try store.allocate(seed: 1)
    let tape = trainingTape()
    let loss = try tape.linearCrossEntropy(
      try numbers([5, 19]), table: table, targets: try indices([1, 70, 0, 8, 33]), firstClass: 1,
      classCount: 70, scale: 0.2)
    try tape.backward(from: loss)
    _ = try read(loss)
  }

  /// Every loss with shared negatives and with the events' own, more of both than a panel or a team of
  /// items has.
  fileprivate func sampledLosses() throws {
    let targets: [Int32] = [1, 70, 0, 8, 33]
    let shared = [Int32](4..<54)
    let own = (0..<90).map { place in Int32(1 + place * 37 % 70) }
    let targetRows = try rowIndex(RowIndex(targets, rowCount: 71))
    for kind in [SampledLossKind.sampledSoftmax, .binary, .pairwise] {
      for rows in [shared, own] {
        let store = ParameterStore(self)
        let table = store.declare("table", [71, 37], .normal(standardDeviation: 1))
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
        let loss = try tape.sampledLoss(
          try numbers([5, 37]), table: table, targets: try indices(targets),
          targetRows: targetRows, negatives: negatives, kind: kind, firstClass: 1, classCount: 70,
          scale: 0.2)
        try tape.backward(from: loss)
        _ = try read(loss)
      }
    }
  }

  /// Training has AdamW.
  fileprivate func optimizers() throws {
    for rule in [OptimizerSettings.Rule.adamW(), .adam(), .sgd(momentum: 0.9, nesterov: true)] {
      let store = ParameterStore(self)
      let weight = store.declare("weight", [71], .normal(standardDeviation: 1))
      try store.allocate(seed: 1)
      try write([Float](repeating: 0.5, count: 71), to: weight.gradient)
      let settings = OptimizerSettings(rule, maximumGradientNorm: 1)
      _ = try read(try store.update(by: settings, learningRate: 0.1, step: 1))
    }
  }

  /// Every layout of the matrix product with its gradients: one for a batch of two, with gradients
  /// accumulated.
  fileprivate func products() throws {
    for (batch, transposeA, transposeB) in [
      (2, false, false), (1, false, true), (1, true, false),
    ] {
      let tape = trainingTape()
      let a = try numbers([batch] + (transposeA ? [19, 5] : [5, 19]))
      let b = try numbers([batch] + (transposeB ? [7, 19] : [19, 7]))
      var product = try tape.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
      if batch > 1 { product = try tape.add(product, try tape.matmul(a, b)) }
      try tape.backward(from: product)
      _ = try read(product)
    }
  }

  /// More keys than a tile has; training has causal attention of several heads.
  fileprivate func bidirectionalAttention() throws {
    let tape = trainingTape()
    let out = try tape.causalAttention(
      try numbers([36, 3 * 5]), offsets: try indices([0, 35, 36]),
      sequences: try indices([Int32](repeating: 0, count: 35) + [1]), maximumLength: 35, heads: 1,
      causal: false, dropout: 0.25, key: tape.randomKey("attention"))
    try tape.backward(from: out)
    _ = try read(out)
  }

  fileprivate func topRows() throws {
    let exclusions = Exclusions(
      offsets: try indices([0, 2, 2, 3]), rows: try indices([4, 9, 1]))
    let top = try topItems(
      3, try numbers([3, 10]), table: try numbers([20, 10]), excluding: exclusions, firstItem: 1,
      itemCount: 19)
    _ = try read(top.rows)
  }

  private func trainingTape() -> Tape {
    Tape(self, mode: .training(RandomKey(seed: 1, epoch: 0)))
  }

  /// A tensor of small numbers that differ.
  private func numbers(_ shape: [Int]) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try tensor((0..<count).map { Float($0 * 37 % 101) / 101 - 0.5 }, shape)
  }
}
