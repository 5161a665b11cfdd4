import Clseq

/// Training, evaluation and single ops on inputs of a few dozen numbers, whose lengths and widths are
/// no multiples of any tile.
struct SmallCases {
  private let backend: Backend

  init(_ backend: Backend) {
    self.backend = backend
  }

  func run() throws {
    try train { settings in
      settings.dropout = 0.25
      settings.positions = .learned
    }
    try train { settings in
      settings.dropout = 0
      settings.activation = .relu
      settings.norm = .post
      settings.positions = .sinusoidal
      settings.clipNorm = 1
    }
    try activations()
    try crossEntropy()
    try products()
    try bidirectionalAttention()
    try topItems()
  }

  /// Two steps of a tiny transformer, and its evaluation.
  private func train(_ change: (inout TrainingSettings) -> Void) throws {
    var settings = TrainingSettings()
    settings.hiddenSize = 10
    settings.layers = 1
    settings.heads = 2
    settings.maxLength = 5
    settings.batchSize = 3
    settings.epochs = 1
    change(&settings)
    let shop = try ShopLog(users: 5, items: 19, eventsPerUser: 4...9, seed: 3)
    let trainer = try Trainer(settings, dataset: try shop.dataset(), on: backend)
    var progress = ProgressReport(style: .silent)
    _ = try trainer.train(progress: &progress)
  }

  /// Activations on their own, with gradients accumulated.
  private func activations() throws {
    for function in Activation.allCases {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
      let x = try tensor([3, 11])
      let sum = try tape.add(try tape.activation(function, x), try tape.activation(function, x))
      try tape.backward(from: sum)
      _ = try backend.read(sum)
    }
  }

  /// More classes than a tile has.
  private func crossEntropy() throws {
    let store = ParameterStore(backend)
    let table = store.declare("table", [71, 3], .normal(standardDeviation: 1))
    try store.allocate(seed: 1)
    let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
    let loss = try tape.linearCrossEntropy(
      try tensor([5, 3]), table: table, targets: try backend.indices([1, 70, 0, 8, 33]),
      firstClass: 1, classCount: 70, scale: 0.2)
    try tape.backward(from: loss)
    _ = try backend.read(loss)
  }

  /// Every layout of the matrix product with its gradients, accumulated.
  private func products() throws {
    let layouts = [(false, false), (false, true), (true, false)]
    for (transposeA, transposeB) in layouts {
      let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
      let a = try tensor(transposeA ? [2, 9, 5] : [2, 5, 9])
      let b = try tensor(transposeB ? [2, 7, 9] : [2, 9, 7])
      let once = try tape.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
      let twice = try tape.matmul(a, b, transposeA: transposeA, transposeB: transposeB)
      let sum = try tape.add(once, twice)
      try tape.backward(from: sum)
      _ = try backend.read(sum)
    }
  }

  private func bidirectionalAttention() throws {
    let tape = Tape(backend, mode: .training(RandomKey(seed: 1, epoch: 0)))
    let qkv = try tensor([8, 3 * 10])
    let out = try tape.causalAttention(
      qkv, offsets: try backend.indices([0, 5, 7, 8]),
      sequences: try backend.indices([0, 0, 0, 0, 0, 1, 1, 2]), maximumLength: 5, heads: 2,
      causal: false, dropout: 0.25, key: tape.randomKey("attention"))
    try tape.backward(from: out)
    _ = try backend.read(out)
  }

  private func topItems() throws {
    let exclusions = Exclusions(
      offsets: try backend.indices([0, 2, 2, 3]), rows: try backend.indices([4, 9, 1]))
    let top = try backend.topItems(
      3, try tensor([3, 10]), table: try tensor([20, 10]), excluding: exclusions, firstItem: 1,
      itemCount: 19)
    _ = try backend.read(top.rows)
  }

  /// A tensor of small numbers that differ.
  private func tensor(_ shape: [Int]) throws -> Tensor {
    let count = shape.reduce(1, *)
    return try backend.tensor((0..<count).map { Float($0 * 37 % 101) / 101 - 0.5 }, shape)
  }
}
