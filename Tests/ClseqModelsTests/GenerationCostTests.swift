import ClseqModels
import ClseqNN
import ClseqOps
import ClseqRuntime
import ClseqTestSupport
import Testing

/// What generation costs in floating-point operations, counted and not run.
@Suite struct GenerationCostTests {
  private let backend: Backend
  private let blocks = 2.0
  private let width = 64.0

  init() throws {
    backend = Backend(
      try Context(try TestBackend.context().device, counting: true), tuning: .cpu(vectorWidth: 8))
  }

  private func model(_ kind: ModelKind) throws -> any IncrementalModel {
    var configuration = ModelConfiguration(kind, itemCount: 500)
    configuration.maximumLength = 300
    configuration[.targetLength] = 100
    let store = ParameterStore(backend)
    let model = try kind.model(configuration, in: store)
    try store.allocate(seed: 1)
    return try #require(model as? any IncrementalModel)
  }

  /// One sequence, of which the first events are read by a model that writes.
  private func batch(_ count: Int, reads: Int = 0) throws -> EventBatch {
    var batch = try TestBatch([[Int32](repeating: 1, count: count)]).make(on: backend)
    func side(_ rows: Range<Int>) throws -> EventSide {
      let indices = try backend.indices(rows.map { Int32($0) })
      return EventSide(
        EventRows(indices),
        events: EventIndices(items: indices, times: indices, sequences: indices),
        offsets: try backend.indices([0, Int32(rows.count)]), lengths: [rows.count])
    }
    batch.sides = EventSides(
      read: try side(0..<reads), written: try side(reads..<count),
      answers: try backend.indices([Int32(count - reads - 1)]))
    return batch
  }

  private func kept(_ count: Int) throws -> (shape: RaggedShape, rows: Indices) {
    (
      RaggedShape(offsets: try backend.indices([0, Int32(count)]), lengths: [count]),
      try backend.indices((0..<Int32(count)).map { $0 })
    )
  }

  /// The operations of products, and those of attention to so many pairs of query and key in each block.
  private func cost(pairs: Double, _ body: () throws -> Void) rethrows -> Double {
    let before = backend.countedCost.flops
    try body()
    return backend.countedCost.flops - before + 4 * width * pairs * blocks
  }

  /// Generating 100 events after 200 costs at most as much as three passes over all of them.
  @Test(arguments: [ModelKind.transformer, .seq2seq])
  func aHundredEventsCostThreePassesAtMost(_ kind: ModelKind) throws {
    let model = try model(kind)
    let tape = Tape(backend, mode: .inference)
    // The start is written too, and the last event needs no state.
    let (history, steps) = (200, 100)
    let reads = model.writes ? history : 0
    let first = model.writes ? history + 1 : history
    let own = first - reads
    func pairs(_ count: Int) -> Double { Double(count * (count + 1) / 2) }
    let whole = try cost(
      pairs: pairs(own + steps - 1) + Double(reads * reads + reads * steps)
    ) {
      _ = try model.hiddenStates(
        of: try batch(first + steps - 1, reads: reads), only: nil, on: tape)
    }
    let memory = EventMemory(capacity: 400, largestStep: 400)
    var stepwise = try cost(pairs: pairs(own) + Double(reads * reads + reads)) {
      _ = try model.hiddenStates(
        of: try batch(first, reads: reads), only: nil, in: memory, after: nil, on: tape)
    }
    for step in 1..<steps {
      let kept = try kept(own + step)
      let earlier = EarlierEvents(
        shape: kept.shape, rows: kept.rows, parents: try backend.indices([0]),
        read: model.writes ? try self.kept(reads) : nil)
      stepwise += try cost(pairs: Double(own + step + reads)) {
        _ = try model.hiddenStates(
          of: try batch(1), only: nil, in: memory, after: earlier, on: tape)
      }
    }
    #expect(whole > 1e7)
    #expect(stepwise <= 3 * whole, "\(stepwise / whole) passes")
    #expect(stepwise >= 0.9 * whole)
  }
}
