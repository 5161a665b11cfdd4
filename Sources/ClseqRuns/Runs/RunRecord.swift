import ClseqBase
import ClseqSettings
public import Foundation

/// A run as its directory describes it: neither the data nor the model is opened.
public struct RunRecord: Equatable, Sendable {
  /// How far a run is.
  public enum State: String, Codable, Sendable {
    /// Training has ended, and the scores are known.
    case finished
    /// A process holds the lock.
    case running
    /// Neither: it was interrupted, or made before runs kept their scores.
    case stopped
  }

  /// The run directory.
  public let path: String
  /// The model of the settings.
  public let model: String
  /// What the model is trained for, with the target where there is one.
  public let task: String
  /// The name of the log.
  public let data: String
  /// How far the run is.
  public let state: State
  /// Epochs that are done; nil of a baseline.
  public let epochs: Int?
  /// The epoch with the best validation score, from 1; nil of a baseline and before the first.
  public let bestEpoch: Int?
  /// The figure that epochs are chosen by; nil where the run does not record it.
  public let selection: SelectionMetric?
  /// Scores of the best epoch by name, empty before the first.
  public let validation: [String: Double]
  /// Scores of the best checkpoint on the test targets; empty before training has ended.
  public let test: [String: Double]
  /// When the run was begun.
  public let date: Date

  /// Reads what a run directory says.
  ///
  /// - Throws: ``RunDirectoryError`` where it is no run, `SettingsError`, `FileError`, and
  ///   ``BadRunFile`` for a file that is not what a run has.
  public init(of layout: RunLayout) throws {
    let settings = try RunLayout.existing(at: layout.path).settings()
    let passport = try Self.document(Passport.self, at: layout.passportPath)
    let epochs = try layout.epochs()
    let summary = try Self.summary(of: layout)
    let selection = try Self.selection(of: layout, settings)
    let best = epochs.reduce(nil as EpochMetrics?) { best, epoch in
      guard let selection, let value = selection.orientedValue(of: epoch.validation) else {
        return best
      }
      let known = best.flatMap { selection.orientedValue(of: $0.validation) }
      return known.map { value > $0 } ?? true ? epoch : best
    }
    path = layout.path
    model = passport.model
    task = passport.task
    data = passport.data
    self.selection = selection
    state = layout.isInUse ? .running : summary == nil ? .stopped : .finished
    self.epochs = summary?.epochs ?? (settings.isBaseline ? nil : Set(epochs.map(\.epoch)).count)
    bestEpoch = summary?.bestEpoch ?? best?.epoch
    validation = summary?.validation ?? best?.validation ?? [:]
    test = summary?.test ?? [:]
    date = try Self.date(of: layout.passportPath)
  }

  /// The part of `summary.json` that baselines have too.
  private struct Summary: Decodable {
    let epochs: Int?
    let bestEpoch: Int?
    let validation: [String: Double]
    let test: [String: Double]

    private enum CodingKeys: String, CodingKey {
      case epochs, validation, test
      case bestEpoch = "best_epoch"
    }
  }

  private static func summary(of layout: RunLayout) throws -> Summary? {
    guard FileManager.default.fileExists(atPath: layout.summaryPath) else { return nil }
    return try document(Summary.self, at: layout.summaryPath)
  }

  private static func selection(
    of layout: RunLayout, _ settings: TrainingSettings
  ) throws -> SelectionMetric? {
    if settings.task.answer == .ranking { return .ranking }
    if settings.writesSequences {
      return .reconstruction(isVariational: settings.hasDistribution)
    }
    guard FileManager.default.fileExists(atPath: layout.taskPath) else { return nil }
    let description = try document(TaskDescription.self, at: layout.taskPath)
    guard settings.task.answer == .parts else { return description.heads.first?.goal.selection }
    let part = settings.tasks.parts[0]
    let metric: SelectionMetric? =
      switch part.aim {
      case .items, .itemAttributes, .contrast: .ranking
      case .target: description.heads.first?.goal.selection
      case .nextSequence: RowGoal.binary(weights: nil).selection
      }
    return metric.map { $0.named(of: part.name) }
  }

  private static func document<Document: Decodable>(
    _ type: Document.Type, at path: String
  ) throws -> Document {
    let bytes = try DurableFiles.bytes(of: path)
    do { return try JSONText.decoder.decode(type, from: bytes) } catch {
      throw BadRunFile(path: path)
    }
  }

  private static func date(of path: String) throws(FileError) -> Date {
    do {
      let attributes = try FileManager.default.attributesOfItem(atPath: path)
      return attributes[.modificationDate] as? Date ?? .distantPast
    } catch {
      throw FileError(.read, path, reason: FileError.reason(of: error))
    }
  }
}

/// A file of a run directory is not what every run has under its name.
public struct BadRunFile: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file.
  public let path: String

  /// The file and what is wrong.
  public var description: String { "\(path) is damaged, or of another version" }
}

extension RunLayout {
  /// Whether a process trains the run at this moment.
  ///
  /// The check takes the lock for a moment, shared, so that two checks do not see one
  /// another.
  var isInUse: Bool {
    let descriptor = open(lockPath, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return false }
    defer { close(descriptor) }
    return flock(descriptor, LOCK_SH | LOCK_NB) != 0
  }
}

extension TrainingSettings {
  fileprivate var isBaseline: Bool {
    if case .baseline = model { true } else { false }
  }
}
