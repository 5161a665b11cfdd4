import ClseqOps
import ClseqRuntime

extension Backend {
  /// Everything that reads a table, from one in bf16, and the steps that write it.
  func tables(_ results: inout [CaseResult]) throws {
    let half: Backend
    if let context {
      half = Backend(
        context, tuning: tuning, matrixUnit: matrixUnit, storage: .bf16,
        ranges: separatesArrays ? .separate : .reused)
    } else {
      half = .reference(storage: .bf16)
    }
    try half.crossEntropy(&results)
    try half.sampledLosses(&results)
    try half.lookUp(&results)
    try half.descend(&results)
  }

  private func lookUp(_ results: inout [CaseResult]) throws {
    let store = ParameterStore(self)
    let table = store.declare("table", [150, 37], .normal(standardDeviation: 1), isTable: true)
    try store.allocate(seed: 1)
    let items = try indices([149, 0, 7, 7, 33])
    let events = EventIndices(items: items, times: items, sequences: items)
    let tape = Tape(self, mode: .inference)
    try add("vectors", tape.embedding(events, table: table, layer: "a"), to: &results)
    try add("rows", gatherRows(table.value, rows: items), to: &results)
    let users = try numbers([3, 37])
    let ranks = [
      try rankTargets(
        users, table: table.value, targets: try indices([2, 8, 140]),
        among: UserRows(offsets: try indices([0, 2, 3, 5]), rows: items), firstItem: 1,
        itemCount: 149),
      try rankTargets(
        users, table: table.value, targets: try indices([2, 8, 140]),
        excluding: UserRows(
          offsets: try indices([0, 2, 4, 4]), rows: try indices([4, 9, 1, 20])),
        firstItem: 1, itemCount: 149),
    ]
    for indices in ranks {
      results.append(CaseResult(name: "ranks", values: try read(indices).map(Float.init)))
    }
  }

  /// Steps whose numbers are exact, so that all take the same neighbour; those of Adam may take another one, and
  /// are computed, but not compared.
  private func descend(_ results: inout [CaseResult]) throws {
    for rule in [OptimizerSettings.Rule.sgd(momentum: 0.5), .adamW(), .adam()] {
      let store = ParameterStore(self)
      let table = store.declare(
        "table", [71], .values((0..<71).map { Float($0 - 35) / 16 }), isTable: true)
      try store.allocate(seed: 1)
      try write((0..<71).map { Float($0 * 37 % 71) / 1024 }, to: table.gradient)
      for step in 1...2 {
        try store.update(
          by: OptimizerSettings(rule, weightDecay: 0), learningRate: 0x1p-6, step: step, seed: 1)
      }
      if case .sgd = rule { try add("updated values", table.value, to: &results) }
    }
  }
}
