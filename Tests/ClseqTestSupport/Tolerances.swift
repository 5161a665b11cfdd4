/// Every tolerance of the test suite, with the reason for its size.
public enum Tolerance {
  /// Central differences in Double with a step of 1e-5: truncation and rounding both near 1e-9.
  public static let centralDifference = 1e-6

  /// Probabilities in Double, summed over at most a few dozen terms of size one or less.
  public static let probability = 1e-12

  /// A mean of a few numbers in Double.
  public static let mean = 1e-15
}
