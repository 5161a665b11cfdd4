import ClseqBase
public import ClseqData
public import ClseqRuns
public import ClseqSettings
import Foundation

/// A run whose model is to be used: what the model takes and gives, before any data is read.
public struct TrainedRun: Sendable {
  /// The run directory.
  public let layout: RunLayout
  /// The settings with which the run is used.
  public let settings: TrainingSettings
  /// What the model takes and gives.
  public let description: TaskDescription
  /// The items of the model.
  public let vocabulary: Vocabulary
  /// Keys of settings that the caller has set: a table among them is read even where the model takes
  /// nothing from it.
  public let given: Set<String>
  /// The rule for seen items that the run was scored by, which its predictions follow.
  public let seen: SeenRule

  /// - Parameters:
  ///   - layout: The run directory.
  ///   - settings: Those of the run, perhaps with another device or another way to read a log.
  ///   - given: Keys of settings that the caller has set, such as `users`; see ``given``.
  /// - Throws: `RunDirectoryError` for a run that lacks a file, `DataError` and `FileError` where one
  ///   cannot be read.
  public init(
    _ layout: RunLayout, settings: TrainingSettings, given: Set<String> = []
  ) throws {
    description = try Self.description(of: layout, settings)
    seen = try layout.seenRule()
    vocabulary = try Vocabulary(contentsOf: layout.vocabularyPath)
    self.layout = layout
    self.settings = settings
    self.given = given
  }

  private static func description(
    of layout: RunLayout, _ settings: TrainingSettings
  ) throws -> TaskDescription {
    // A baseline knows of items alone.
    if case .baseline = settings.model {
      return TaskDescription(task: .nextItem, heads: [], inputs: InputEncoding())
    }
    return try layout.task()
  }

  /// Whether the model ranks items, alone or beside other tasks.
  public var ranksItems: Bool { settings.ranksItems }

  /// Whether the model predicts the type of the next event, alone or beside other tasks.
  public var predictsTypes: Bool {
    description.heads.contains { $0.target == TargetRule.nextType.text }
  }

  /// Whether each event has an answer of its own: its outcome, or a tag. Others answer for users or for the
  /// time after events.
  public var answersForEvents: Bool { description.inputs.answersForEvents }

  /// How often training held each item, that of item v at v - 1.
  ///
  /// - Throws: `FileError`, `DataError.damaged`.
  public func itemCounts() throws -> [Int] {
    try RunItems.counts(of: layout, itemCount: vocabulary.count)
  }

  /// What items are called, from the run's table of items or its dataset; nil where neither has a
  /// column of titles.
  ///
  /// - Throws: `DataError`, `SettingsError`.
  public func itemTitles() throws -> ItemTitles? {
    if !settings.items.isEmpty {
      return try ItemTitles(
        file: settings.items, options: settings.readingOptions(), for: vocabulary)
    }
    guard try SequenceDataset.manifest(of: settings.data) != nil else { return nil }
    return ItemTitles(of: try SequenceDataset.load(path: settings.data), for: vocabulary)
  }
}
