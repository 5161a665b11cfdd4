import Clseq
import ClseqData
import ClseqTraining
import Foundation

/// Several trainings on one log, each in a run of its own below one folder. Runs that are finished are
/// not trained again, and begun ones are gone on with, where the call says --resume.
struct Sweep {
  let folder: String
  private let call: TrainingCall
  private let resolution: SettingResolution
  private let resumes: Bool
  private let dataset: SequenceDataset

  /// - Parameter kind: goes into the folder's name where none is asked for.
  /// - Throws: `RunDirectoryError.exists` for a folder that is there, without --resume, and what
  ///   reading the log can throw.
  init(_ kind: String, _ call: TrainingCall, _ resolution: SettingResolution) throws {
    let asked = call.options.last { $0.key == "run" }?.text ?? ""
    resumes = call.options.contains { $0.key == "resume" && $0.text == "true" }
    // What is resumed are the runs below.
    var call = call
    call.options.removeAll { ["run", "resume"].contains($0.key) }
    let settings = try resolution.training(call)
    guard case .network = settings.model else {
      throw SettingsError.doNotFit("a baseline is not trained, and depends on no seed")
    }
    guard !resumes || !asked.isEmpty else {
      throw SettingsError.doNotFit("--resume needs the folder of the runs: --run")
    }
    if !resumes, !asked.isEmpty, FileManager.default.fileExists(atPath: asked) {
      throw RunDirectoryError.exists(path: asked)
    }
    dataset = try settings.readDataset()
    folder =
      asked.isEmpty
      ? RunLayout.defaultPath(
        model: "\(settings.model.rawValue)-\(kind)", data: dataset.source.name, at: Date())
      : asked
    self.call = call
    self.resolution = resolution
  }

  /// The settings that are alike in all runs.
  var settings: TrainingSettings { get throws { try resolution.training(call) } }

  /// The record of a run, which is trained first where it is not finished.
  func record(
    of name: String, changing changes: [(key: String, text: String)]
  ) throws -> RunRecord {
    let layout = RunLayout(path: "\(folder)/\(name)")
    let hasBegun = FileManager.default.fileExists(atPath: layout.passportPath)
    if hasBegun, case let record = try RunRecord(of: layout), record.state == .finished {
      return record
    }
    var changes = changes + [("run", layout.path)]
    if hasBegun { changes.append(("resume", "true")) }
    let settings = try resolution.training(call.changing(changes))
    Console.note("\(name): \(hasBegun ? "going on" : "training")", settings)
    do { _ = try TrainingCall.train(settings, dataset) } catch let interruption as Interruption {
      throw Interruption(
        signal: interruption.signal,
        advice: "go on with the same command and --resume --run \(folder)")
    }
    return try RunRecord(of: layout)
  }
}
