/// How values are spread, in bins of equal width: a `tensorflow.HistogramProto`.
package struct ValueHistogram: Equatable, Sendable {
  /// The minimum and the maximum.
  package private(set) var least = Double.infinity
  package private(set) var greatest = -Double.infinity
  /// The number of values, their sum and that of their squares.
  package private(set) var count = 0
  package private(set) var sum = 0.0
  package private(set) var squareSum = 0.0
  /// The upper end of every bin, ascending to ``greatest``; the first begins at ``least``. One bin
  /// where all values are equal.
  package private(set) var limits: [Double] = []
  /// The number of values in every bin.
  package private(set) var counts: [Int] = []

  /// Bins of values that are not all equal, as many as TensorBoard shows.
  package static let binCount = 30

  /// Nil where no value is finite; those that are not are left out.
  package init?(_ values: some Collection<Float>) {
    for value in values where value.isFinite {
      let value = Double(value)
      (least, greatest) = (min(least, value), max(greatest, value))
      count += 1
      sum += value
      squareSum += value * value
    }
    guard count > 0 else { return nil }
    let width = (greatest - least) / Double(Self.binCount)
    guard width > 0 else {
      (limits, counts) = ([greatest], [count])
      return
    }
    limits = (1..<Self.binCount).map { least + Double($0) * width } + [greatest]
    counts = [Int](repeating: 0, count: Self.binCount)
    for value in values where value.isFinite {
      counts[min(Int((Double(value) - least) / width), Self.binCount - 1)] += 1
    }
  }

  /// The message.
  var message: ProtobufMessage {
    var message = ProtobufMessage()
    for (field, value) in [least, greatest, Double(count), sum, squareSum].enumerated() {
      message.append(UInt64(field + 1), value)
    }
    message.append(6, limits)
    message.append(7, counts.map(Double.init))
    return message
  }
}
