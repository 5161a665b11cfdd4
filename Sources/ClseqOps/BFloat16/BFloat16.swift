import ClseqRuntime

extension Tensor {
  /// What kernels that read it as a table are built with.
  var tableOptions: KernelOptions { elementType == .bf16 ? ["TABLE_BF16": 1] : [:] }
}

extension Backend {
  /// A table as the reference's loops take it: itself or, in bf16, its values in float32.
  func floatTable(_ table: Tensor) throws -> Tensor {
    if table.elementType == .float32 { return table }
    let floats = try empty(table.shape)
    BFloat16Reference.widen(table.halves, into: floats.floats)
    return floats
  }

  /// `out = x` rounded to the nearest bfloat16, of two equally near to the even one.
  ///
  /// - Throws: `OpenCLError` when a launch fails.
  package func roundToBFloat16(_ x: Tensor, into out: Tensor) throws {
    if isReference {
      BFloat16Reference.round(x.floats, into: out.halves)
    } else {
      try launchConversion("bfloat16_round", x, out)
    }
  }

  /// `out = x`, exactly.
  ///
  /// - Throws: `OpenCLError` when a launch fails.
  package func widenBFloat16(_ x: Tensor, into out: Tensor) throws {
    if isReference {
      BFloat16Reference.widen(x.halves, into: out.floats)
    } else {
      try launchConversion("bfloat16_widen", x, out)
    }
  }

  private func launchConversion(_ kernel: StaticString, _ x: Tensor, _ out: Tensor) throws {
    try launch(
      kernel, in: "bfloat16", tuning.elementGrid(x.count),
      cost: KernelCost(bytes: Double(6 * x.count)), x, out, Int32(x.count))
  }
}
