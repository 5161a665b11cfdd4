/// The largest difference of two arrays, divided by the largest expected magnitude where that is
/// above one; infinite when lengths differ or a value is not a number.
public func largestError<T: BinaryFloatingPoint>(_ actual: [T], _ expected: [T]) -> Double {
  guard actual.count == expected.count else { return .infinity }
  var largest = 0.0
  var magnitude = 1.0
  for (a, b) in zip(actual, expected) {
    guard a.isFinite, b.isFinite else { return .infinity }
    largest = max(largest, Double((a - b).magnitude))
    magnitude = max(magnitude, Double(b.magnitude))
  }
  return largest / magnitude
}
