import ClseqBase
public import ClseqData
public import ClseqSettings
import Foundation

/// What a run's model takes and gives: saved with the run, so that new data is read in the same way.
public struct TaskDescription: Equatable, Sendable, Codable {
  /// The output of one head.
  public struct Head: Equatable, Sendable, Codable {
    /// Name of its parameters and of its figures.
    public let name: String
    /// The target, as `ClseqData/TargetRule` reads it.
    public let target: String
    /// What its outputs mean.
    public let goal: RowGoal

    package init(name: String, target: String, goal: RowGoal) {
      self.name = name
      self.target = target
      self.goal = goal
    }
  }

  /// What the model was trained for.
  public let task: TaskKind
  /// The supervised heads; none where items are ranked alone.
  public var heads: [Head]
  /// The attributes of items that a head tells; nil of a run without the part `item-attributes`.
  public var itemTargets: AttributeEncoding?
  /// How what is known of events becomes codes and numbers.
  public var inputs: InputEncoding
  /// From when targets look ahead, in microseconds since 1970, if they do.
  public var cutoff: Int64?
  /// How far targets look ahead, in microseconds, if they do.
  public var horizon: Int64?
  /// From when predictions for users look ahead where nothing else is said: the first whole second
  /// after the run's own log, in microseconds since 1970. Nil where nothing depends on it, and in runs
  /// of earlier versions.
  public var moment: Int64?
  /// The hashes of the tables of users and of items that inputs or truths are taken from.
  public var tables: [String: String] = [:]

  private enum CodingKeys: String, CodingKey {
    case task, heads, inputs, cutoff, horizon, moment, tables
    case itemTargets = "item_targets"
  }

  /// A description without tables and moments.
  package init(task: TaskKind, heads: [Head], inputs: InputEncoding, cutoff: Int64? = nil) {
    self.task = task
    self.heads = heads
    self.inputs = inputs
    self.cutoff = cutoff
  }

  /// Checks that what is read now is what the run was trained on.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)``.
  func requireEqual(to saved: TaskDescription) throws(SettingsError) {
    var known = self
    // Earlier versions did not write these.
    if saved.moment == nil { known.moment = nil }
    if saved.horizon == nil { known.horizon = nil }
    guard known != saved else { return }
    let saysOtherNumbers = zip(heads, saved.heads).contains { head, saved in
      guard case .numbers(_, _, _, _, _?) = head.goal, case .numbers(_, _, _, _, nil) = saved.goal
      else { return false }
      return true
    }
    if saysOtherNumbers {
      throw .doNotFit(
        "the run is of a version that let numbers fall below zero where all that it was trained on are "
          + "at least zero: train it again (clseq predict takes it as it is)")
    }
    guard known.inputs == saved.inputs || tables != saved.tables else {
      throw .doNotFit(
        "the data gives other inputs than those that the run was trained with: it is another, or the run "
          + "is of an earlier version, which took statistics of inputs from all events and not from "
          + "those of training; train it again ('clseq predict' uses it as it is)")
    }
    throw .doNotFit(
      tables == saved.tables
        ? "the data gives other inputs or targets than those that the run was trained with"
        : "the tables of users or items are not those that the run was trained with (--users, "
          + "--items, --item-vectors)")
  }
}

extension RunLayout {
  /// What the run's model takes and gives.
  ///
  /// - Throws: ``RunDirectoryError/notARun(path:lacking:)`` where the file is missing, `FileError`, and
  ///   `DataError.damaged`.
  package func task() throws -> TaskDescription {
    guard FileManager.default.fileExists(atPath: taskPath) else {
      throw RunDirectoryError.notARun(path: path, lacking: "task.json")
    }
    let bytes = try DurableFiles.bytes(of: taskPath)
    do { return try JSONText.decoder.decode(TaskDescription.self, from: bytes) } catch {
      throw DataError.damaged(path: taskPath, reason: "it describes no task")
    }
  }

  /// Checks that the task, its inputs and its targets are those of the run.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)``, and what reading the file can throw.
  package func requireTask(_ description: TaskDescription) throws {
    // Runs of versions that knew one task alone have no such file.
    guard FileManager.default.fileExists(atPath: taskPath) else { return }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: taskPath))
    try description.requireEqual(to: try JSONText.decoder.decode(TaskDescription.self, from: bytes))
  }
}
