import ClseqRuntime

/// What a teacher says of each event: scores of all classes, from which soft targets follow.
public struct SoftTargets {
  /// The teacher's states `[N, D']`.
  public let states: Tensor
  /// The teacher's class weights `[rows, D']`; the classes have the rows of the student's.
  public let table: Tensor
  /// The part of the loss that soft targets make, above 0 and at most 1; hard ones make the rest.
  public let weight: Float
  /// Both models' scores are divided by it, above 0.
  public let temperature: Float

  /// Soft targets of a batch.
  public init(states: Tensor, table: Tensor, weight: Float, temperature: Float) {
    (self.states, self.table) = (states, table)
    (self.weight, self.temperature) = (weight, temperature)
  }
}

extension Tape {
  /// Softmax cross-entropy of a linear classifier with smoothed labels, a teacher's targets, or both.
  ///
  /// `loss = scale · Σₙ [(1 − a) hardₙ + a T² softₙ]` with the scores `z` of an event, its label `y` and V
  /// classes:
  /// `hard = log Σᵥ exp zᵥ − (1 − s) z_y − s/V Σᵥ zᵥ` (Szegedy et al., Rethinking the Inception architecture,
  /// CVPR 2016, section 7), `soft = KL(softmax(t/T) ‖ softmax(z/T))` with the teacher's scores `t` (Hinton,
  /// Vinyals and Dean, Distilling the knowledge in a neural network, 2015, section 2). With s = 0 and no teacher
  /// it is the loss of ``linearCrossEntropy(_:table:targets:firstClass:classCount:scale:)``, which takes a third
  /// of the passes over the scores.
  ///
  /// Scores of all events are never stored: events are computed in chunks, both models' scores of a chunk
  /// together. As there, both gradients are computed in the forward pass, and the backward pass must start from
  /// the loss, with gradient one. The teacher gets none. An event whose target is not among the classes adds
  /// nothing.
  ///
  /// - Parameters:
  ///   - x: inputs `[N, D]`, N ≥ 1.
  ///   - table: class weights `[rows, D]`.
  ///   - targets: the row of each event's class, `[N]`.
  ///   - firstClass: row of the first class.
  ///   - classCount: number of classes.
  ///   - smoothing: s, at least 0 and below 1.
  ///   - teacher: soft targets; nil for none.
  ///   - scale: factor of the sum: 1/N for the mean, 1/(N of all micro-batches) when accumulating.
  /// - Returns: the loss `[1]`.
  /// - Throws: `OpenCLError.overBudget` when memory runs out; other errors of a launch.
  public func softCrossEntropy(
    _ x: Tensor, table: Parameter, targets: Indices, firstClass: Int, classCount: Int,
    smoothing: Float, teacher: SoftTargets?, scale: Float
  ) throws -> Tensor {
    precondition(
      x.shape.count == 2 && table.shape.count == 2 && x.shape[1] == table.shape[1]
        && x.shape[0] == targets.count && x.shape[0] > 0,
      "softCrossEntropy: \(x.shape), table \(table.shape), \(targets.count) targets")
    precondition(
      firstClass >= 0 && classCount > 0 && firstClass + classCount <= table.shape[0],
      "softCrossEntropy: \(classCount) classes from row \(firstClass) of \(table.shape)")
    precondition((0..<1).contains(smoothing), "softCrossEntropy: smoothing \(smoothing)")
    if let teacher {
      let (states, rows) = (teacher.states.shape, teacher.table.shape)
      precondition(
        states.count == 2 && rows.count == 2 && states[0] == x.shape[0] && states[1] == rows[1]
          && firstClass + classCount <= rows[0],
        "softCrossEntropy: \(x.shape), teacher's states \(states), its table \(rows)")
      precondition(
        teacher.weight > 0 && teacher.weight <= 1 && teacher.temperature > 0,
        "softCrossEntropy: weight \(teacher.weight), temperature \(teacher.temperature)")
    }
    let dx = isTraining ? try backend.empty(x.shape) : nil
    let student = LinearCrossEntropy(
      backend: backend, x: x, table: table.value, targets: targets, firstClass: firstClass,
      classCount: classCount, scale: scale,
      gradients: dx.map { ($0, table.isTrained ? table.gradient : nil) })
    let loss = try SoftCrossEntropy(student: student, smoothing: smoothing, soft: teacher).run()
    if let dx {
      record(loss) { [x = x.identity] tape, _ in try tape.passGradient(dx, to: x) }
    }
    return loss
  }
}

/// One pass over all events: the loss and, if wanted, both gradients. It is the pass of `LinearCrossEntropy` with
/// other weights.
struct SoftCrossEntropy {
  let student: LinearCrossEntropy
  let smoothing: Float
  let soft: SoftTargets?

  private var backend: Backend { student.backend }
  private var options: KernelOptions { ["TEACHER": soft == nil ? 0 : 1] }
  private var share: Float { soft?.weight ?? 0 }
  private var temperature: Float { soft?.temperature ?? 1 }

  /// The teacher as a classifier of the same events, without gradients.
  private var teacher: LinearCrossEntropy? {
    soft.map {
      LinearCrossEntropy(
        backend: backend, x: $0.states, table: $0.table, targets: student.targets,
        firstClass: student.firstClass, classCount: student.classCount, scale: 1, gradients: nil)
    }
  }

  /// The loss `[1]`.
  func run() throws -> Tensor {
    guard let context = backend.context else { return try runReference() }
    return switch backend.tuning {
    case .cpu(let vectorWidth):
      try runOnCPU(vectorWidth: vectorWidth, computeUnits: context.device.computeUnits)
    case .gpu: try runOnGPU()
    }
  }

  /// The pass by `soft_cross_entropy_cpu.cl`.
  private func runOnCPU(vectorWidth: Int, computeUnits: Int) throws -> Tensor {
    let teacher = teacher
    let panels = try teacher.map {
      try $0.packed($0.cpuTiling(vectorWidth: vectorWidth, computeUnits: computeUnits)).panels
    }
    let tiling = student.cpuTiling(vectorWidth: vectorWidth, computeUnits: computeUnits)
    let scores = try teacher.map { _ in
      try backend.empty([tiling.panelCount, tiling.capacity, tiling.panel])
    }
    return try student.runOnCPU(
      vectorWidth: vectorWidth, computeUnits: computeUnits, keepsScores: true
    ) { chunk, tiling, space in
      let flops =
        student.scoreCost(chunk.count).flops + (teacher?.scoreCost(chunk.count).flops ?? 0)
      // Without a teacher the student's arrays stand in for its own, which are not read.
      try backend.launch(
        "soft_cross_entropy_score", in: "soft_cross_entropy_cpu",
        after: LinearCrossEntropy.CPUTiling.scoreTile,
        options: tiling.options + options + ["TEMPERED": temperature == 1 ? 0 : 1],
        Grid(
          groups: LinearCrossEntropy.CPUTiling.blocks(
            chunk.count, LinearCrossEntropy.CPUTiling.scoreRows)),
        cost: KernelCost(flops: flops), student.x, student.targets, space.panels, space.strips,
        teacher?.x ?? student.x, panels ?? space.panels, scores ?? space.weights, space.weights,
        space.scaled, student.gradients?.input ?? student.x, space.losses,
        Int32(chunk.lowerBound), Int32(chunk.count), Int32(tiling.capacity),
        Int32(student.firstClass), Int32(student.classCount), Int32(student.width),
        Int32(teacher?.width ?? 0), student.scale, smoothing, share, temperature,
        Int32(student.gradients == nil ? 0 : 1))
    }
  }

  /// The pass by `soft_cross_entropy_gpu.cl`.
  private func runOnGPU() throws -> Tensor {
    let teacher = teacher
    let tiling = LinearCrossEntropy.GPUTiling(
      events: student.events, classCount: student.classCount, width: student.width)
    let scores = try teacher.map { _ in
      try backend.empty([tiling.capacity, student.classCount])
    }
    return try student.runOnGPU { chunk, space in
      if let teacher, let scores { try teacher.launchScores(chunk, into: scores) }
      try backend.launch(
        "soft_cross_entropy_weigh", in: "soft_cross_entropy_gpu", options: options,
        Grid(groups: chunk.count, size: 256),
        cost: KernelCost(
          bytes: Double(chunk.count) * Double(student.classCount) * (soft == nil ? 16 : 28)),
        space.weights, scores ?? space.weights, student.targets, space.losses,
        Int32(chunk.lowerBound), Int32(student.firstClass), Int32(student.classCount),
        student.scale, smoothing, share, temperature,
        Int32(student.gradients == nil ? 0 : 1))
    }
  }

  private func runReference() throws -> Tensor {
    let loss = try backend.empty([1])
    let table = try backend.floatTable(student.table)
    let teacherTable = try soft.map { try backend.floatTable($0.table) }
    loss.floats[0] = withExtendedLifetime((table, teacherTable)) {
      var teacher: SoftCrossEntropyReference<Float>.Teacher?
      if let soft, let teacherTable {
        teacher = .init(
          states: soft.states.floats, table: teacherTable.floats, weight: soft.weight,
          temperature: soft.temperature)
      }
      return SoftCrossEntropyReference(
        x: student.x.floats, table: table.floats, targets: student.targets.values,
        firstClass: student.firstClass, classCount: student.classCount, smoothing: smoothing,
        teacher: teacher, scale: student.scale
      ).run(
        inputGradient: student.gradients?.input.floats,
        tableGradient: student.gradients?.table?.floats)
    }
    return loss
  }
}
