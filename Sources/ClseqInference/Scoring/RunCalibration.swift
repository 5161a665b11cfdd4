import ClseqBase
public import ClseqData
public import ClseqMetrics
public import ClseqRuns
public import ClseqSettings
import Foundation

/// The recalibration of a run's probabilities, kept in the run directory as `calibration.json`.
public struct RunCalibration: Codable, Equatable, Sendable {
  /// The curve.
  public let curve: Recalibration
  /// The part of the split that it was fitted on.
  public let part: Split.Part
  /// The checkpoint whose probabilities it corrects.
  public let checkpoint: String

  /// What it is, for passports.
  public var text: String {
    "\(curve.method.rawValue), fitted on \(curve.cases) cases of the \(part.rawValue) part"
  }

  /// Fits a curve to the answers of a run.
  ///
  /// - Parameters:
  ///   - method: The form of the curve.
  ///   - cases: The cases of a part that the model was not trained on, one set for each task.
  ///   - part: The part of the split.
  ///   - checkpoint: The name of the checkpoint that answered.
  /// - Throws: `SettingsError/doNotFit(_:)` for tasks other than one yes or no, and where one
  ///   answer alone is right.
  public init(
    _ method: Recalibration.Method, cases: [ScoredCases], of part: Split.Part, checkpoint: String
  ) throws(SettingsError) {
    guard cases.count == 1, let logits = cases[0].yesLogits, let labels = cases[0].yesLabels else {
      throw .doNotFit("calibration is of probabilities of a yes: of click, churn, or two classes")
    }
    guard let curve = Recalibration(method, logits: logits, labels: labels) else {
      throw .doNotFit("the \(part.rawValue) part has one answer alone: nothing can be calibrated")
    }
    self.curve = curve
    self.part = part
    self.checkpoint = checkpoint
  }

  /// The same cases with the corrected probabilities.
  public func applied(to cases: [ScoredCases]) -> [ScoredCases] {
    cases.map { cases in
      guard let logits = cases.yesLogits, let goal = cases.goal else { return cases }
      return cases.answering(
        goal, outputs: logits.flatMap { goal.outputs(ofLogit: correctedLogit($0)) })
    }
  }

  /// The logit of the corrected probability.
  func correctedLogit(_ logit: Double) -> Double {
    let probability = curve.probability(logit: logit)
    return log(probability) - log1p(-probability)
  }

  /// Writes it into a run directory, in the place of an older one.
  ///
  /// - Throws: `FileError`.
  public func save(to layout: RunLayout) throws {
    try DurableFiles.write(
      Array(try JSONText.document(self).utf8), to: layout.calibrationPath)
  }

  /// That of a run.
  ///
  /// - Throws: `SettingsError/doNotFit(_:)` where the run has none, or one of another checkpoint;
  ///   what reading the file can throw.
  public static func of(_ layout: RunLayout) throws -> RunCalibration {
    let advice = "fit it: clseq evaluate \(layout.path) --calibrate platt"
    guard FileManager.default.fileExists(atPath: layout.calibrationPath) else {
      throw SettingsError.doNotFit("the run has no calibration; \(advice)")
    }
    let saved = try JSONText.decoder.decode(
      RunCalibration.self, from: try DurableFiles.bytes(of: layout.calibrationPath))
    guard try layout.best()?.name == saved.checkpoint else {
      throw SettingsError.doNotFit(
        "the run's calibration is of an older checkpoint; \(advice)")
    }
    return saved
  }
}

extension ScoredCases {
  /// What the outputs mean; nil of ranks.
  var goal: RowGoal? {
    guard case .rows(let goal, _, _) = answers else { return nil }
    return goal
  }

  /// The logit of a yes for each case; nil where cases are not a yes or a no.
  var yesLogits: [Double]? {
    guard case .rows(let goal, let outputs, _) = answers, goal.isYesOrNo else { return nil }
    let width = goal.outputCount
    return (0..<count).map { goal.logit(outputs[$0 * width..<($0 + 1) * width]) ?? .nan }
  }
}
