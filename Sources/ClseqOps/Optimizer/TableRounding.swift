import ClseqRuntime

/// The random numbers that round values and moments of a table in bf16 in one step.
struct TableRounding: KernelArgument {
  private let key: SIMD2<UInt32>
  private let step: UInt32

  init(of table: Parameter, seed: UInt64, step: Int) {
    key = RandomKey(seed: seed, epoch: 0).layer("optimizer rounding " + table.name).key
    self.step = UInt32(truncatingIfNeeded: step)
  }

  /// Words for an element of the table: for its value, its first and its second moment.
  func words(_ element: Int) -> SIMD4<UInt32> {
    let place = UInt64(element)
    return Philox.block(
      SIMD4(UInt32(truncatingIfNeeded: place), UInt32(place >> 32), step, 0), key: key)
  }

  /// `key0`, `key1` and `step` of `random_rounding.cl`.
  func add(to arguments: inout KernelArguments) { arguments.add(key[0], key[1], step) }
}

/// The last arguments of a step: none for values in float32.
struct OptionalRounding: KernelArgument {
  private let rounding: TableRounding?

  init(_ rounding: TableRounding?) { self.rounding = rounding }

  func add(to arguments: inout KernelArguments) { rounding?.add(to: &arguments) }
}
