import ClseqModels
import ClseqNN
import ClseqOps
import ClseqTestSupport
import Testing

/// Models that go on from what they have computed of earlier events.
@Suite struct IncrementalModelTests {
  /// A model with settings.
  struct Case: Sendable, CustomStringConvertible {
    let kind: ModelKind
    let description: String
    let change: @Sendable (inout ModelConfiguration) -> Void

    init(
      _ kind: ModelKind, _ words: String = "",
      _ change: @escaping @Sendable (inout ModelConfiguration) -> Void = { _ in }
    ) {
      (self.kind, self.change) = (kind, change)
      description = "\(kind.name) \(words)"
    }
  }

  static let cases = [
    Case(.transformer), Case(.transformer, "post") { $0[.norm] = .post },
    Case(.transformer, "sinusoidal") { $0[.positions] = .sinusoidal },
    Case(.transformer, "window") { $0[.attentionWindow] = 3 },
    Case(.transformer, "narrow heads") { $0[.headWidth] = 5 },
    Case(.transformer, "one block") { $0[.layers] = 1 }, Case(.lstm), Case(.gru),
    Case(.ssm), Case(.ssm, "post") { $0[.norm] = .post },
    Case(.ssm, "selective") { $0[.recurrence] = .selective },
    Case(.lstm, "two layers") { $0[.recurrentSizes] = [24, 10] }, Case(.lstmAttention),
    Case(.lstmAttention, "learned") { $0[.attentionScore] = .learned },
  ]

  /// Sequences of the first pass, and steps: the parent and the item of each sequence of a step.
  private static let first: [[Int32]] = [[3, 1, 4, 1, 5, 9], [2, 6, 5], [7]]
  private static let steps: [[(parent: Int, item: Int32)]] = [
    [(0, 11), (0, 12), (1, 13), (2, 14), (2, 14)], [(1, 15), (1, 16), (3, 17), (4, 18)],
    [(3, 3), (0, 20), (2, 19)],
  ]

  /// The states after the last events of sequences, each computed as a whole.
  private func whole(
    _ sequences: [[Int32]], _ model: any SequenceModel, on backend: Backend
  ) throws -> [Float] {
    let batch = try TestBatch(sequences).make(on: backend)
    return try backend.read(
      try model.hiddenStates(
        of: batch, only: EventRows(try lastRows(of: sequences, on: backend)),
        on: Tape(backend, mode: .inference)))
  }

  private func lastRows(of sequences: [[Int32]], on backend: Backend) throws -> Indices {
    var end: Int32 = 0
    return try backend.indices(
      sequences.map {
        end += Int32($0.count)
        return end - 1
      })
  }

  /// A batch of the last events of sequences.
  private func newest(_ sequences: [[Int32]], on backend: Backend) throws -> EventBatch {
    EventBatch(
      events: EventIndices(
        items: try backend.indices(sequences.map { $0.last! }),
        times: try backend.indices(sequences.map { Int32($0.count - 1) }),
        sequences: try backend.indices(sequences.indices.map { Int32($0) })),
      offsets: try backend.indices((0...Int32(sequences.count)).map { $0 }),
      lengths: sequences.map { _ in 1 })
  }

  /// The states after one more event are those of a pass over all events: bit by bit on the reference, also where
  /// two sequences go on from one, and where one ends.
  @Test(arguments: TestBackend.allCases, cases)
  func aStepIsThePassOverAllEvents(_ kind: TestBackend, _ test: Case) throws {
    let backend = try kind.make()
    var configuration = ModelConfiguration(test.kind, itemCount: 20)
    configuration.maximumLength = 9
    (configuration[.hiddenSize], configuration[.denseSize]) = (24, 10)
    configuration[.recurrentSizes] = [24]
    test.change(&configuration)
    let store = ParameterStore(backend)
    let model = try #require(
      try test.kind.model(configuration, in: store) as? any IncrementalModel)
    try store.allocate(seed: 5)
    let tape = Tape(backend, mode: .inference)
    let capacity = 10 + Self.steps.reduce(0) { $0 + $1.count }
    let memory = EventMemory(capacity: capacity, largestStep: 32)
    var sequences = Self.first
    var kept: [[Int32]] = [[0, 1, 2, 3, 4, 5], [6, 7, 8], [9]]
    var count: Int32 = 10
    func check(_ states: Tensor) throws {
      let (found, expected) = (
        try backend.read(states), try whole(sequences, model, on: backend)
      )
      if kind == .reference { #expect(found == expected) }
      #expect(largestError(found, expected) < Double(Tolerance.hiddenState))
      #expect(Set(found).count > 10)
    }
    try check(
      try model.hiddenStates(
        of: try TestBatch(sequences).make(on: backend),
        only: EventRows(try lastRows(of: sequences, on: backend)), in: memory, after: nil, on: tape)
    )
    for step in Self.steps {
      kept = step.enumerated().map { kept[$1.parent] + [count + Int32($0)] }
      count += Int32(step.count)
      sequences = step.map { sequences[$0.parent] + [$0.item] }
      let offsets = kept.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
      let earlier = EarlierEvents(
        shape: RaggedShape(
          offsets: try backend.indices(offsets), lengths: kept.map { $0.count }),
        rows: try backend.indices(kept.flatMap { $0 }),
        parents: try backend.indices(step.map { Int32($0.parent) }))
      try check(
        try model.hiddenStates(
          of: try newest(sequences, on: backend), only: nil, in: memory, after: earlier, on: tape))
    }
  }

  /// What an encoder-decoder writes after one more event is that of a pass over all that it reads and wrote, also where
  /// two sequences go on from one, and where one ends.
  @Test(
    arguments: TestBackend.allCases,
    [
      Case(.seq2seq), Case(.seq2seq, "post") { $0[.norm] = .post }, Case(.lstmSeq2seq),
      Case(.lstmSeq2seq, "two layers") { $0[.recurrentSizes] = [24, 10] },
    ])
  func aWrittenEventIsThePassOverAll(_ kind: TestBackend, _ test: Case) throws {
    let backend = try kind.make()
    var configuration = ModelConfiguration(test.kind, itemCount: 20)
    configuration.maximumLength = 9
    configuration[.hiddenSize] = 24
    test.change(&configuration)
    let store = ParameterStore(backend)
    let model = try #require(
      try test.kind.model(configuration, in: store) as? any IncrementalModel)
    try store.allocate(seed: 5)
    let tape = Tape(backend, mode: .inference)
    // What is read, and the start before what is written.
    var sequences: [(read: [Int32], written: [Int32])] = [
      ([3, 1, 4, 1, 5, 9], [21]), ([2, 6, 5], [21]), ([], [21]),
    ]
    func side(_ events: [(row: Int, time: Int)], _ lengths: [Int]) throws -> EventSide {
      let rows = try backend.indices(events.map { Int32($0.row) })
      return EventSide(
        EventRows(rows),
        events: EventIndices(
          items: rows, times: try backend.indices(events.map { Int32($0.time) }),
          sequences: rows),
        offsets: try backend.indices(
          lengths.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1)) }),
        lengths: lengths)
    }
    func batch(newestOnly: Bool) throws -> EventBatch {
      let whole = sequences.map { newestOnly ? [$0.written.last!] : $0.read + $0.written }
      var batch = try TestBatch(whole).make(on: backend)
      var (read, written): ([(row: Int, time: Int)], [(row: Int, time: Int)]) = ([], [])
      var (first, answers) = (0, [Int32]())
      for sequence in sequences {
        let count = newestOnly ? 0 : sequence.read.count
        let skipped = newestOnly ? sequence.written.count - 1 : 0
        read += (0..<count).map { (first + $0, count - 1 - $0) }
        written += (skipped..<sequence.written.count).map { (first + count + $0 - skipped, $0) }
        first += count + sequence.written.count - skipped
        answers.append(Int32(written.count - 1))
      }
      batch.sides = EventSides(
        read: try side(read, sequences.map { newestOnly ? 0 : $0.read.count }),
        written: try side(written, sequences.map { newestOnly ? 1 : $0.written.count }),
        answers: try backend.indices(answers))
      return batch
    }
    func check(_ states: Tensor) throws {
      let all = try batch(newestOnly: false)
      let expected = try backend.read(
        try model.hiddenStates(of: all, only: EventRows(all.sides!.answers!), on: tape))
      let found = try backend.read(states)
      if kind == .reference { #expect(found == expected) }
      #expect(largestError(found, expected) < Double(Tolerance.hiddenState))
      #expect(Set(found).count > 10)
    }
    let memory = EventMemory(capacity: 20, largestStep: 32)
    try check(
      try model.hiddenStates(
        of: try batch(newestOnly: false), only: nil, in: memory, after: nil, on: tape))
    var kept: [(read: [Int32], own: [Int32])] = [
      ([0, 1, 2, 3, 4, 5], [0]), ([6, 7, 8], [1]), ([], [2]),
    ]
    var count: Int32 = 3
    for step in Self.steps {
      sequences = step.map {
        (sequences[$0.parent].read, sequences[$0.parent].written + [$0.item])
      }
      kept = step.enumerated().map {
        (kept[$1.parent].read, kept[$1.parent].own + [count + Int32($0)])
      }
      count += Int32(step.count)
      func rows(_ numbers: [[Int32]]) throws -> (shape: RaggedShape, rows: Indices) {
        let offsets = numbers.reduce(into: [0]) { $0.append($0[$0.count - 1] + Int32($1.count)) }
        return (
          RaggedShape(offsets: try backend.indices(offsets), lengths: numbers.map(\.count)),
          try backend.indices(numbers.flatMap { $0 })
        )
      }
      let own = try rows(kept.map(\.own))
      let earlier = EarlierEvents(
        shape: own.shape, rows: own.rows,
        parents: try backend.indices(step.map { Int32($0.parent) }),
        read: try rows(kept.map(\.read)))
      try check(
        try model.hiddenStates(
          of: try batch(newestOnly: true), only: nil, in: memory, after: earlier, on: tape))
    }
  }
}
