/// Every tolerance of the test suite, with the reason for its size.
public enum Tolerance {
  /// Central differences in Double with a step of 1e-5: truncation and rounding both near 1e-9.
  public static let centralDifference = 1e-6
}
