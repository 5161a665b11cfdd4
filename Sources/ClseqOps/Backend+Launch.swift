public import ClseqRuntime

extension Backend {
  /// Launches a kernel of a source under `Kernels/OpenCL`. In a counting pass it is only built; in
  /// a counting context it is not built either.
  ///
  /// - Parameters:
  ///   - kernel: the kernel.
  ///   - source: base name of the file.
  ///   - shared: base names of files that are compiled before it, in this order.
  ///   - options: constants of the program beside those of the tuning.
  ///   - grid: the work-groups and their size.
  ///   - cost: the work of the launch, for the profile.
  ///   - arguments: in the kernel's order; a structure may stand for several.
  public func launch<each A: KernelArgument>(
    _ kernel: StaticString, in source: StaticString, after shared: [StaticString] = [],
    options: KernelOptions = [:], _ grid: Grid, cost: KernelCost = KernelCost(),
    _ arguments: repeat each A
  ) throws {
    guard let context else { preconditionFailure("launch of \(kernel) on the reference") }
    if context.isCounting {
      countedLaunches.append(
        CountedLaunch(
          kernel: "\(kernel)", program: KernelSources.source(source, after: shared),
          options: tuning.buildOptions + options.texts, grid: grid, cost: cost))
      countedCost.flops += cost.flops
      countedCost.bytes += cost.bytes
      return
    }
    let key = KernelKey(kernel, in: source, after: shared, options)
    let known = kernels[key]
    let built =
      try known
      ?? context.kernel(
        "\(kernel)", of: KernelSources.source(source, after: shared),
        options: tuning.buildOptions + options.texts)
    if known == nil { kernels[key] = built }
    if isCounting { return }
    try context.launch(built, grid, cost: cost, repeat each arguments)
  }

  /// Runs a body without executing anything and returns the bytes that its tensors need; nil on the
  /// reference.
  ///
  /// The same body, executed after `reserve(_:)` of these bytes, allocates nothing. Kernels are
  /// built meanwhile, so that the first real step does not wait for the compiler.
  public func countMemory(_ body: () throws -> Void) throws -> ArenaSizes? {
    guard let context else { return nil }
    let counting = (Arena(context, counting: true), Arena(context, counting: true))
    let real = (arena, waitingArena)
    (arena, waitingArena) = counting
    isCounting = true
    defer {
      (arena, waitingArena) = real
      isCounting = context.isCounting
    }
    try body()
    return ArenaSizes(
      computed: counting.0.highWaterByteCounts, waiting: counting.1.highWaterByteCounts)
  }

  /// Reserves what `countMemory` reported. No tensor may be alive.
  public func reserve(_ sizes: ArenaSizes) throws {
    try arena?.reserve(sizes.computed)
    try waitingArena?.reserve(sizes.waiting)
  }
}
