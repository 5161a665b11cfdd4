extension Int {
  /// How many groups of `divisor` cover this count; neither is negative.
  func dividedRoundingUp(by divisor: Int) -> Int { (self + divisor - 1) / divisor }
}
