import ClseqTestSupport
import Foundation

/// The output of `Tests/Fixtures/metrics_goldens.py`: inputs, and scikit-learn's results for them.
struct MetricsGoldens: Decodable, Sendable {
  struct Classification: Decodable, Sendable {
    let labels: [Int]
    let predictions: [Int]
    let values: [String: Double]
  }

  struct Scores: Decodable, Sendable {
    let labels: [Bool]
    let scores: [Double]
    let groups: [Int]
    let groupCount: Int
    let skippedGroupCount: Int
    let impressionCount: Int
    let values: [String: Double]
  }

  struct Errors: Decodable, Sendable {
    let targets: [Double]
    let predictions: [Double]
    let values: [String: Double]
  }

  let classification: Classification
  let scores: [Scores]
  let errors: Errors

  static func read() throws -> MetricsGoldens {
    try JSONDecoder().decode(
      MetricsGoldens.self, from: Data(try Fixture.bytes("metrics_goldens.json")))
  }
}
