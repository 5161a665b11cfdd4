/// One named value of a record that predictions are written as.
public struct PredictionField: Equatable, Sendable {
  /// A value.
  public enum Value: Equatable, Sendable {
    case text(String)
    case integer(Int)
    /// A number; one that is not finite is written as if it were missing.
    case number(Double)
    /// Numbers by name: columns `FIELD.NAME` of CSV, an object of JSON.
    case named([(name: String, value: Double)])
    /// The probability of lasting beyond each of several times: in JSON alone.
    case survival(bounds: [Double], probabilities: [Double])

    public static func == (left: Value, right: Value) -> Bool {
      switch (left, right) {
      case (.text(let a), .text(let b)): a == b
      case (.integer(let a), .integer(let b)): a == b
      case (.number(let a), .number(let b)): a == b
      case (.named(let a), .named(let b)):
        a.map(\.name) == b.map(\.name) && a.map(\.value) == b.map(\.value)
      case (.survival(let a, let b), .survival(let c, let d)): a == c && b == d
      default: false
      }
    }
  }

  /// Its name.
  public let name: String
  /// Its value; nil where it is missing.
  public let value: Value?

  init(_ name: String, _ value: Value?) {
    self.name = name
    self.value = value
  }
}

extension Prediction {
  /// What the prediction says, with a prefix before each name where there are several.
  func fields(prefix: String = "") -> [PredictionField] {
    switch self {
    case .classes(let names, let probabilities):
      [
        PredictionField(prefix + "class", likeliest.map { .text(names[$0]) }),
        PredictionField(
          prefix + "probability",
          .named(zip(names, probabilities).map { (name: $0, value: $1) })),
      ]
    case .probability(let probability):
      [PredictionField(prefix + "probability", .number(probability))]
    case .number(let number): [PredictionField(prefix + "value", .number(number))]
    case .duration(let expected, let bounds, let survival):
      [
        PredictionField(prefix + "expected_time", .number(expected)),
        PredictionField(prefix + "survival", .survival(bounds: bounds, probabilities: survival)),
      ]
    }
  }
}
