import ClseqData
import ClseqModels
@testable import ClseqInference
import ClseqOps
@testable import ClseqRuns
@testable import ClseqSettings
import ClseqShop
import Foundation

@testable import ClseqTraining

/// A run directory of which one file is another. The input's first line is the file's name, and the
/// rest its content; the checksums of a checkpoint are made to agree with it, so that the content itself
/// is looked at.
///
/// Whatever the file is, the run can be listed, used and gone on with, or refused.
struct RunTarget: FuzzTarget {
  private let dataset: SequenceDataset
  private let settings: TrainingSettings
  /// What the run holds when nothing is changed, by the path below it.
  private let files: [String: [UInt8]]
  private let best: String

  /// Trains a small model, in plain loops.
  init() {
    do {
      dataset = try ShopLog(users: 12, items: 12, eventsPerUser: 4...6, seed: 1).dataset()
      var settings = TrainingSettings()
      (settings[.hiddenSize], settings[.layers], settings.maxLength) = (2, 1, 4)
      (settings.batchSize, settings.epochs, settings.device) = (4, 2, "reference")
      self.settings = settings
      let run = try RunDirectory.create(at: "run")
      let trainer = try Trainer(settings, dataset: dataset, on: .reference())
      try trainer.prepare(run)
      let summary = try trainer.train(in: run, progress: ProgressReport(style: .silent))
      try run.setSummary(summary)
      best = try FileManager.default.destinationOfSymbolicLink(atPath: run.layout.bestPath)
      let names = try FileManager.default.subpathsOfDirectory(atPath: "run").filter {
        let attributes = try FileManager.default.attributesOfItem(atPath: "run/\($0)")
        return attributes[.type] as? FileAttributeType == .typeRegular
      }
      files = Dictionary(uniqueKeysWithValues: names.map { ($0, WorkingFolder.read("run/\($0)")) })
    } catch {
      fatalError("no run to begin with: \(error)")
    }
  }

  func run(_ input: [UInt8]) {
    guard let end = input.firstIndex(of: UInt8(ascii: "\n")),
      let name = name(String(decoding: input[..<end], as: UTF8.self))
    else { return }
    do {
      try restore()
      WorkingFolder.write(Array(input[(end + 1)...]), to: "run/\(name)")
      try agree(name)
    } catch {
      fatalError("the run cannot be made: \(error)")
    }
    let layout = RunLayout(path: "run")
    _ = try? RunRecord(of: layout)
    _ = try? layout.bestEpoch()
    if let settings = try? layout.settings(),
      let run = try? TrainedRun(layout, settings: settings)
    {
      _ = try? run.itemCounts()
    }
    try? goOn()
  }

  /// The file that a name means; the folder and the number of a checkpoint, and the time of a file of
  /// events, may be left out.
  private func name(_ name: String) -> String? {
    files.keys.sorted().last {
      $0 == name || !name.isEmpty && $0.split(separator: "/").last?.hasPrefix(name) == true
    }
  }

  private func restore() throws {
    try? FileManager.default.removeItem(atPath: "run")
    for name in files.keys {
      try FileManager.default.createDirectory(
        atPath: ("run/\(name)" as NSString).deletingLastPathComponent,
        withIntermediateDirectories: true)
      WorkingFolder.write(files[name] ?? [], to: "run/\(name)")
    }
    try FileManager.default.createSymbolicLink(atPath: "run/best", withDestinationPath: best)
  }

  /// Makes the checkpoint anew that a file belongs to, with checksums of what is there now.
  private func agree(_ name: String) throws {
    let folder = "run/" + (name as NSString).deletingLastPathComponent
    let checkpoint = try RunLayout(path: "run").checkpoints().first { $0.path == folder }
    guard let checkpoint, !name.hasSuffix(Checkpoint.listName) else { return }
    let names = try FileManager.default.contentsOfDirectory(atPath: folder)
      .filter { $0 != Checkpoint.listName }
    let contents = names.map { WorkingFolder.read(checkpoint.file($0)) }
    try FileManager.default.removeItem(atPath: folder)
    _ = try Checkpoint.write(to: folder) { partial in
      for (name, content) in zip(names, contents) {
        WorkingFolder.write(content, to: "\(partial)/\(name)")
      }
    }
  }

  /// Goes on with the run for a step.
  private func goOn() throws {
    let run = try RunDirectory.resume(at: "run")
    let trainer = try Trainer(settings, dataset: dataset, on: .reference())
    try trainer.prepare(run)
    _ = try trainer.train(in: run, progress: ProgressReport(style: .silent)) { true }
  }
}
