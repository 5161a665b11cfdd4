import Clseq
import ClseqData
import ClseqTraining
import Foundation

extension Sweep {
  /// The trainings of a request, in the folder that it names as --run, or in a new one.
  ///
  /// - Parameter kind: Goes into the name of a new folder.
  /// - Throws: `RunDirectoryError.exists` for a folder that is there, without --resume.
  init(_ kind: String, _ request: TrainingRequest, _ resolution: SettingResolution) throws {
    let named = request.options.last { $0.key == "run" }?.text ?? ""
    let resumes = request.options.contains { $0.key == "resume" && $0.text == "true" }
    // The runs in the folder are resumed, not the folder.
    let request = request.withoutRun
    let settings = try resolution.training(request)
    guard settings.model.kind != nil else {
      throw SettingsError.doNotFit("a baseline is not trained, and depends on no seed")
    }
    guard !resumes || !named.isEmpty else {
      throw SettingsError.doNotFit("--resume needs the folder of the runs: --run")
    }
    if !resumes, !named.isEmpty, FileManager.default.fileExists(atPath: named) {
      throw RunDirectoryError.exists(path: named)
    }
    let folder =
      named.isEmpty
      ? RunLayout.defaultPath(
        model: "\(settings.model.rawValue)-\(kind)",
        data: settings.data.isEmpty ? "shop" : settings.data, at: Date())
      : named
    try Console.warnOfIdleSettings(resolution, request, settings)
    self.init(in: folder) { try resolution.training(request.changing($0)) }
    datasets = LatestDataset { try $0.readDataset() }
    train = { _ = try $0.train($1) }
    onRun = { Console.note("\($0): \($1 ? "continues" : "training")", settings) }
    onFailure = { Console.warn("\($0) failed: \($1)", settings) }
  }
}

extension TrainingRequest {
  /// The request without the run that it names.
  var withoutRun: TrainingRequest { without(["run", "resume"]) }
}
