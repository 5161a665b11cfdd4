/// One named value of a record that predictions are written as.
public struct PredictionField: Equatable, Sendable {
  /// A value.
  public enum Value: Equatable, Sendable {
    case text(String)
    case integer(Int)
    /// A number; one that is not finite is written as if it were missing.
    case number(Double)
    /// Numbers by name: columns `FIELD.NAME` of CSV, an object of JSON.
    case named(names: [String], values: [Double])
    /// Numbers by place: columns `FIELD.0`, `FIELD.1` … of CSV, an array of JSON.
    case vector(ArraySlice<Float>)
    /// The probability of lasting beyond each of several times: in JSON alone.
    case survival(bounds: [Double], probabilities: [Double])
  }

  /// Its name.
  public let name: String
  /// Its value; nil where it is missing.
  public let value: Value?

  package init(_ name: String, _ value: Value?) {
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
          prefix + "probability", .named(names: names, values: probabilities)),
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
