import ClseqRuntime

extension Backend {
  /// The loss of a batch: `scale` times the sum of its events' losses, in a fixed order.
  ///
  /// - Parameter losses: `[N]`, on a device.
  /// - Returns: `[1]`.
  func sumLosses(_ losses: Tensor, scale: Float) throws -> Tensor {
    let loss = try empty([1])
    try launch(
      "loss_sum", in: "loss_sum", Grid(groups: 1, size: tuning == .gpu ? 256 : 1),
      cost: KernelCost(bytes: Double(4 * losses.count)), losses, loss, Int32(losses.count), scale)
    return loss
  }
}
