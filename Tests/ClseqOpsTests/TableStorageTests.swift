import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Testing

/// Tables and their moments in bf16.
@Suite struct TableStorageTests {
  private struct Model {
    let store: ParameterStore
    let table, other: Parameter
  }

  /// A table and three other values, on a backend that stores in bf16.
  private func model(_ backend: Backend, _ values: [Float]) throws -> Model {
    let store = ParameterStore(backend)
    let table = store.declare("table", [values.count], .values(values), isTable: true)
    let other = store.declare("other", [3], .values([1, 2, 3]))
    try store.allocate(seed: 0)
    return Model(store: store, table: table, other: other)
  }

  private func state(_ store: ParameterStore) throws -> [[UInt32]] {
    try [store.values, store.firstMoments, store.secondMoments].map {
      try store.backend.read($0).map(\.bitPattern)
    }
  }

  private func rounded(_ values: [Float]) -> [Float] {
    values.map { BFloat16Reference.widen(BFloat16Reference.round($0)) }
  }

  // MARK: Rounding

  /// The mean of many roundings is the number; both neighbours occur, and nothing else.
  @Test func roundingHasNoBias() {
    let count = 100_000
    for x in [Float(1.001), -3.1416, 1e-3, 0x1.0101p-130] {
      let down = BFloat16Reference.widen(UInt16(x.bitPattern >> 16))
      let up = BFloat16Reference.widen(UInt16(x.bitPattern >> 16) + 1)
      let share = Double((x - down) / (up - down))
      var (downs, ups) = (0, 0)
      for index in 0..<UInt32(count) {
        let word = Philox.block(SIMD4(index, 0, 0, 0), key: SIMD2(1, 2))[0]
        let found = BFloat16Reference.widen(BFloat16Reference.round(x, random: word))
        downs += found == down ? 1 : 0
        ups += found == up ? 1 : 0
      }
      // Five standard deviations of a binomial distribution; rounding to the nearest gives 0 or 1.
      let error = abs(Double(ups) / Double(count) - share)
      #expect(
        ups > 0 && downs > 0 && ups + downs == count
          && error < 5 * (share * (1 - share) / Double(count)).squareRoot())
    }
  }

  @Test func exactNumbersAndThoseWithoutNeighboursStay() {
    for x in [Float(0), -0.0, 1.5, -96, .infinity, -.infinity] {
      for random: UInt32 in [0, 0x8000_0000, .max] {
        let found = BFloat16Reference.widen(BFloat16Reference.round(x, random: random))
        #expect(found.bitPattern == x.bitPattern)
      }
    }
    // NaN whose payload is only in the lost half.
    let quiet = BFloat16Reference.round(Float(bitPattern: 0x7F80_0001), random: .max)
    #expect(BFloat16Reference.widen(quiet).isNaN)
  }

  // MARK: The optimiser

  /// Numbers with which a step of gradient descent is exact in float32, and far below the last bit in bf16.
  private func descend(_ kind: TestBackend, seed: UInt64, steps: ClosedRange<Int>) throws -> Model {
    let backend = try kind.make(storage: .bf16)
    let count = 5003
    let model = try model(backend, (0..<count).map { Float($0 % 251 - 125) / 16 })
    try descend(model, seed: seed, steps)
    return model
  }

  private func descend(_ model: Model, seed: UInt64, _ steps: ClosedRange<Int>) throws {
    for step in steps {
      let gradient = (0..<model.table.count).map { Float($0 * (36 + step) % 127 - 63) / 1024 }
      try model.store.backend.write(gradient, to: model.table.gradient)
      try model.store.backend.write([1, 0, -1], to: model.other.gradient)
      try model.store.update(
        by: OptimizerSettings(.sgd(momentum: 0.5), weightDecay: 0), learningRate: 0x1p-6,
        step: step, seed: seed)
    }
  }

  @Test(arguments: TestBackend.onDevice)
  func deviceHasTheBitsOfTheReference(_ kind: TestBackend) throws {
    let actual = try descend(kind, seed: 7, steps: 1...3)
    let expected = try descend(.reference, seed: 7, steps: 1...3)
    #expect(try state(actual.store) == state(expected.store))
    let first = try descend(kind, seed: 7, steps: 1...1)
    let start = (0..<5003).map { Float($0 % 251 - 125) / 16 }
    let moved = zip(try first.store.backend.read(first.table.value), start).count { $0 != $1 }
    #expect(moved > 10 && moved < 1000, "\(moved) values take the other neighbour")
  }

  /// A function of the seed, and of the number of the step: also where another process goes on.
  @Test(arguments: TestBackend.allCases)
  func roundingBelongsToSeedAndStep(_ kind: TestBackend) throws {
    let whole = try descend(kind, seed: 7, steps: 1...3)
    #expect(try state(descend(kind, seed: 7, steps: 1...3).store) == state(whole.store))
    #expect(try state(descend(kind, seed: 8, steps: 1...3).store) != state(whole.store))
    let half = try descend(kind, seed: 7, steps: 1...2)
    let rest = try model(half.store.backend, [Float](repeating: 0, count: 5003))
    for (from, to) in [
      (half.store.values, rest.store.values), (half.store.firstMoments, rest.store.firstMoments),
      (half.store.secondMoments, rest.store.secondMoments),
    ] { try half.store.backend.write(try half.store.backend.read(from), to: to) }
    try descend(rest, seed: 7, 3...3)
    #expect(try state(rest.store) == state(whole.store))
  }

  /// Sixteen steps of a sixteenth of a unit: the mean moves by a unit, and rounding to the nearest by nothing.
  @Test(arguments: TestBackend.allCases)
  func updatesBelowTheLastBitAddUp(_ kind: TestBackend) throws {
    let backend = try kind.make(storage: .bf16)
    let count = 4096
    let model = try model(backend, [Float](repeating: 1, count: count))
    try backend.write([Float](repeating: 1, count: count), to: model.table.gradient)
    for step in 1...16 {
      try model.store.update(
        by: OptimizerSettings(.sgd(), weightDecay: 0), learningRate: 0x1p-12, step: step, seed: 1)
    }
    let values = try backend.read(model.table.value)
    let mean = values.reduce(0) { $0 + Double($1) } / Double(count)
    // A value has gone one unit of 2^-8 down, give or take about one: the mean of all is known to 2^-14.
    #expect(abs(mean - (1 - 0x1p-8)) < 0x1p-12, "\(mean)")
    #expect(values.contains(1) && values.contains(1 - 0x1p-8))
  }

  /// Every rule: where the reference's float32 lies next to a border, the device may take the other neighbour.
  @Test(
    arguments: TestBackend.onDevice,
    [OptimizerSettings.Rule.adamW(), .adam(), .sgd(momentum: 0.9, nesterov: true)])
  func rulesAgreeWithTheReference(_ kind: TestBackend, _ rule: OptimizerSettings.Rule) throws {
    func run(_ kind: TestBackend) throws -> [[Float]] {
      var numbers = TestNumbers(seed: 3)
      let backend = try kind.make(storage: .bf16)
      let model = try model(backend, rounded(numbers.floats(5003)))
      let arrays = [model.store.values, model.store.firstMoments, model.store.secondMoments]
      for array in arrays.dropFirst() {
        try backend.write(rounded(numbers.floats(array.count).map(abs)), to: array)
      }
      try backend.write(numbers.floats(5003), to: model.table.gradient)
      try model.store.update(
        by: OptimizerSettings(rule, weightDecay: 0.1, maximumGradientNorm: 1), learningRate: 0.01,
        step: 2, seed: 1)
      return try arrays.map(backend.read)
    }
    for (actual, expected) in zip(try run(kind), try run(.reference)) {
      let different = zip(actual, expected).filter { $0 != $1 }
      #expect(different.count < 25)
      #expect(different.allSatisfy { abs($0 - $1) <= 0x1p-7 * max(abs($0), abs($1)) })
    }
  }

  // MARK: Memory

  /// Ten bytes per weight of a table instead of sixteen; other parameters, and frozen tables, stay float32.
  @Test(arguments: TestBackend.allCases)
  func onlyTrainedTablesAreSmaller(_ kind: TestBackend) throws {
    let backend = try kind.make(storage: .bf16)
    let context = backend.context
    let before = context?.memory.inUse
    do {
      var numbers = TestNumbers(seed: 1)
      let store = ParameterStore(backend)
      func declare(_ name: String, _ count: Int, isTable: Bool) -> Parameter {
        store.declare(name, [count], .values(numbers.floats(count)), isTable: isTable)
      }
      let all = [
        declare("frozen table", 768, isTable: true), declare("table", 1024, isTable: true),
        declare("weight", 256, isTable: false), declare("second table", 256, isTable: true),
        declare("frozen", 5, isTable: false),
      ]
      store.setGroups { ParameterGroup(isTrained: !$0.name.hasPrefix("frozen")) }
      try store.allocate(seed: 1)
      #expect(all.map(\.value.elementType) == [.float32, .bf16, .float32, .bf16, .float32])
      #expect(all[1].gradient.elementType == .float32)
      numbers = TestNumbers(seed: 1)
      for (index, parameter) in all.enumerated() {
        let values = numbers.floats(parameter.count)
        let expected = [1, 3].contains(index) ? rounded(values) : values
        #expect(try backend.read(parameter.value) == expected)
        let place = store.offsets[index]..<store.offsets[index] + parameter.count
        #expect(try Array(backend.read(store.values)[place]) == expected)
      }
      // There are no gaps between multiples of the alignment.
      #expect(store.byteCount == 10 * (1024 + 256) + 16 * 256 + 4 * (768 + 5))
      if let context, let before { #expect(context.memory.inUse - before == store.byteCount) }
    }
    #expect(context?.memory.inUse == before)
  }

  @Test func inferenceIsInFloat32() throws {
    let store = ParameterStore(try TestBackend.cpu8.make(storage: .bf16))
    let table = store.declare("table", [4], .zeros, isTable: true)
    try store.allocateValues()
    #expect(table.value.elementType == .float32)
  }

  // MARK: Kernels that read tables

  /// The same bits as from a table in float32 with the same numbers, which other tests compare with references.
  @Test(arguments: TestBackend.allCases, [1, 31, 33, 64])
  func readersTakeTheNumbersAsTheyAre(_ kind: TestBackend, _ width: Int) throws {
    func run(_ storage: Tensor.ElementType) throws -> [[Float]] {
      let backend = try kind.make(storage: storage)
      let before = backend.bytesInUse
      var results: [[Float]] = []
      do {
        var numbers = TestNumbers(seed: UInt64(width))
        let store = ParameterStore(backend)
        let table = store.declare(
          "table", [70, width], .values(rounded(numbers.floats(70 * width))), isTable: true)
        try store.allocate(seed: 1)
        #expect(table.value.elementType == storage)
        let items = numbers.indices(90, below: 70)
        let events = EventIndices(
          items: try backend.indices(items), times: try backend.indices(items),
          sequences: try backend.indices(items))
        let tape = Tape(backend, mode: .inference)
        results.append(
          try backend.read(tape.embedding(events, table: table, scale: 2, layer: "a")))
        results.append(
          try backend.read(backend.gatherRows(table.value, rows: backend.indices([69, 0, 3]))))
        let users = try backend.tensor(numbers.floats(30 * width), [30, width])
        let none = UserRows(
          offsets: try backend.indices([Int32](repeating: 0, count: 31)),
          rows: try backend.indices([1]))
        let some = UserRows(
          offsets: try backend.indices((0...30).map { Int32(3 * $0) }),
          rows: try backend.indices(items))
        let targets = try backend.indices((1...30).map { Int32($0) })
        let top = try backend.topItems(
          5, users, table: table.value, excluding: none, firstItem: 1, itemCount: 68)
        results.append(try backend.read(top.rows).map(Float.init))
        results.append(try backend.read(top.scores))
        let ranks = [
          try backend.rankTargets(
            users, table: table.value, targets: targets, excluding: none, firstItem: 1,
            itemCount: 68),
          try backend.rankTargets(
            users, table: table.value, targets: targets, among: some, firstItem: 1, itemCount: 68),
        ]
        results += try ranks.map { try backend.read($0).map(Float.init) }
      }
      #expect(backend.bytesInUse == before)
      return results
    }
    #expect(try run(.bf16) == run(.float32))
  }
}
