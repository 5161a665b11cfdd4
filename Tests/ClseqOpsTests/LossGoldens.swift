import ClseqTestSupport
import Foundation

/// The output of `Tests/Fixtures/loss_goldens.py`: inputs, and PyTorch's results for them.
struct LossGoldens: Decodable, Sendable {
  struct Loss: Decodable, Sendable {
    let kind: String
    let perEvent: Bool
    let calibration: Float
    let events: Int
    let width: Int
    let count: Int
    let firstClass: Int
    let classCount: Int
    let x: [Double]
    let table: [Double]
    let targets: [Int32]
    let rows: [Int32]
    let logCounts: [Double]?
    let targetLogCounts: [Double]?
    let loss: Double
    let dx: [Double]
    let dTable: [Double]
  }

  struct SoftLoss: Decodable, Sendable {
    let smoothing: Float
    let weight: Float
    let temperature: Float
    let events: Int
    let width: Int
    let teacherWidth: Int
    let firstClass: Int
    let classCount: Int
    let x: [Float]
    let table: [Float]
    let states: [Float]
    let teacherTable: [Float]
    let targets: [Int32]
    let loss: Double
    let dx: [Double]
    let dTable: [Double]
  }

  struct Optimizer: Decodable, Sendable {
    let name: String
    let beta1: Double
    let beta2: Double
    let epsilon: Double
    let momentum: Double
    let nesterov: Bool
    let weightDecay: Double
    let maximumNorm: Double
    let learningRate: Double
    let start: [Double]
    let gradients: [[Double]]
    let norms: [Double]
    let end: [Double]
  }

  let losses: [Loss]
  let softLosses: [SoftLoss]
  let optimizers: [Optimizer]

  static func read() throws -> LossGoldens {
    try JSONDecoder().decode(
      LossGoldens.self, from: Data(try Fixture.bytes("loss_goldens.json")))
  }
}
