import ClseqOps
import ClseqRuntime
import ClseqTestSupport

/// Events, a table, targets and negatives of one test, and the results of the reference in Double.
struct SampledLossCase {
  let width: Int
  let firstClass: Int
  let classCount: Int
  var x: [Float]
  var table: [Float]
  var targets: [Int32]
  var rows: [Int32]
  let isPerEvent: Bool
  var kind: SampledLossKind
  var logCounts: [Float]?
  var targetLogCounts: [Float]?
  let scale: Float

  var events: Int { targets.count }

  /// - Parameters:
  ///   - own: number of negatives per event; nil for `shared` ones.
  ///   - amplitude: size of the inputs; with 30 scores are some hundreds.
  ///   - strays: number of first events whose target is not a class.
  init(
    _ events: Int, _ width: Int, _ classCount: Int, shared: Int = 0, own: Int? = nil,
    _ kind: SampledLossKind, corrected: Bool = false, firstClass: Int = 1, amplitude: Float = 1,
    strays: Int = 0
  ) {
    self.width = width
    self.firstClass = firstClass
    self.classCount = classCount
    self.kind = kind
    isPerEvent = own != nil
    var numbers = TestNumbers(seed: UInt64(events * 7919 + width * 31 + classCount + shared))
    x = numbers.floats(events * width).map { amplitude * $0 / 2 }
    table = numbers.floats((firstClass + classCount + 2) * width).map { $0 / 2 }
    targets = (0..<events).map { Int32(firstClass + $0 * 37 % classCount) }
    if let own {
      // Some are the target, some occur twice.
      rows = numbers.indices(events * own, below: Int32(classCount)).map { Int32(firstClass) + $0 }
    } else {
      let classes = (0..<classCount).map { Int32(firstClass + $0) }
      rows = classes.shuffled(using: &numbers).prefix(shared).sorted()
    }
    if corrected, kind == .sampledSoftmax {
      logCounts = numbers.floats(rows.count)
      targetLogCounts = numbers.floats(events)
    }
    for event in 0..<strays {
      targets[event] = [Int32(firstClass + classCount), -1, .max, .min, 0][event % 5]
    }
    scale = 1 / Float(events)
  }

  init(_ golden: LossGoldens.Loss) {
    width = golden.width
    firstClass = golden.firstClass
    classCount = golden.classCount
    x = golden.x.map(Float.init)
    table = golden.table.map(Float.init)
    targets = golden.targets
    rows = golden.rows
    isPerEvent = golden.perEvent
    kind =
      switch golden.kind {
      case "sampledSoftmax": .sampledSoftmax
      case "generalizedBinary": .generalizedBinary(calibration: golden.calibration)
      case "pairwise": .pairwise
      default: .binary
      }
    logCounts = golden.logCounts?.map(Float.init)
    targetLogCounts = golden.targetLogCounts?.map(Float.init)
    scale = 1 / Float(golden.events)
  }

  struct Answer {
    let loss: Double
    let dx: [Double]
    let dTable: [Double]
  }

  func expected() -> Answer {
    let dx = HostArray(count: x.count)
    let dTable = HostArray(count: table.count)
    let loss = expectedLoss(
      HostArray(x.map(Double.init)), HostArray(table.map(Double.init)), dx: dx, dTable: dTable)
    return Answer(loss: loss, dx: dx.values, dTable: dTable.values)
  }

  func expectedLoss(
    _ x: HostArray<Double>, _ table: HostArray<Double>, dx: HostArray<Double>? = nil,
    dTable: HostArray<Double>? = nil
  ) -> Double {
    let targets = HostArray(targets)
    let rows = HostArray(rows)
    let logCounts = logCounts.map { HostArray($0.map(Double.init)) }
    let targetLogCounts = targetLogCounts.map { HostArray($0.map(Double.init)) }
    let lives = (x, table, targets, rows, logCounts, targetLogCounts, dx, dTable)
    return withExtendedLifetime(lives) {
      SampledLossReference(
        x: x.buffer, table: table.buffer, targets: targets.buffer, negatives: rows.buffer,
        isPerEvent: isPerEvent, logCounts: logCounts?.buffer,
        targetLogCounts: targetLogCounts?.buffer, kind: kind, firstClass: firstClass,
        classCount: classCount, scale: Double(scale)
      ).run(inputGradient: dx?.buffer, tableGradient: dTable?.buffer)
    }
  }

  /// Strays outside the table go to row 0, where they must add nothing.
  private func rowIndex(_ rows: [Int32]) -> RowIndex {
    let rowCount = table.count / width
    let safe = rows.map { 0 <= $0 && $0 < rowCount ? $0 : 0 }
    return RowIndex(safe, rowCount: rowCount)
  }

  /// The op's results; `before` is the initial value of the table's gradient.
  func run(
    on backend: Backend, mode: Mode = .training(RandomKey(seed: 0, epoch: 0)), before: Float = 0
  ) throws -> (loss: Float, dx: [Float]?, dTable: [Float]) {
    let store = ParameterStore(backend)
    let parameter = store.declare(
      "table", [table.count / width, width], .values(table), isTable: true)
    try store.allocate(seed: 0)
    try backend.write(.init(repeating: before, count: table.count), to: parameter.gradient)
    let tape = Tape(backend, mode: mode)
    let input = try backend.tensor(x, [events, width])
    var counts: SampledNegatives.LogExpectedCounts?
    if let logCounts, let targetLogCounts {
      counts = .init(
        negatives: try backend.tensor(logCounts, [logCounts.count]),
        targets: try backend.tensor(targetLogCounts, [events]))
    }
    let negatives: SampledNegatives =
      isPerEvent
      ? .perEvent(
        try backend.indices(rows), count: rows.count / events,
        rowIndex: try backend.rowIndex(rowIndex(rows)), logExpectedCounts: counts)
      : .shared(try backend.indices(rows), logExpectedCounts: counts)
    let loss = try tape.sampledLoss(
      input, table: parameter, targets: try backend.indices(targets),
      targetRows: try backend.rowIndex(rowIndex(targets)), negatives: negatives, kind: kind,
      firstClass: firstClass, classCount: classCount, scale: scale)
    if tape.isTraining { try tape.backward(from: loss) }
    return (
      try backend.read(loss)[0], try tape.gradient(of: input).map(backend.read),
      try backend.read(parameter.gradient)
    )
  }
}
