public import ClseqBase
public import Foundation

/// The names inside a run directory.
public struct RunLayout: Equatable, Sendable {
  /// The run directory itself.
  public let path: String

  /// The names inside `path`, which need not exist.
  public init(path: String) { self.path = path }

  /// The resolved settings.
  public var configPath: String { "\(path)/\(Self.configName)" }
  /// The protocol of the scores, as JSON.
  public var passportPath: String { "\(path)/passport.json" }
  /// What the model takes and gives, as JSON.
  public var taskPath: String { "\(path)/task.json" }
  /// How probabilities are corrected, as JSON; there after `clseq evaluate --calibrate`.
  public var calibrationPath: String { "\(path)/calibration.json" }
  /// One line an epoch.
  public var metricsPath: String { "\(path)/\(Self.metricsName)" }
  /// The summary of `clseq train` as JSON; missing before its end.
  public var summaryPath: String { "\(path)/summary.json" }
  /// The page that `clseq report` makes.
  public var reportPath: String { "\(path)/report.html" }
  /// The items of the model.
  public var vocabularyPath: String { "\(path)/vocabulary.txt" }
  /// What is known of the items of the model beside their names, if it is an input.
  public var itemInputsPath: String { "\(path)/item_inputs.safetensors" }
  /// How often training held each item of the model, a line each.
  public var itemCountsPath: String { "\(path)/item_counts.txt" }
  /// The folder of checkpoints.
  public var checkpointsPath: String { "\(path)/checkpoints" }
  /// A symbolic link to the best checkpoint.
  public var bestPath: String { "\(path)/best" }

  static let configName = "config.yaml"
  static let metricsName = "metrics.jsonl"
  var lockPath: String { "\(path)/lock" }

  /// `runs/MODEL-DATA-UTC`, the data's file name without folder and extension.
  public static func defaultPath(model: String, data: String, at date: Date) -> String {
    let time = date.formatted(
      Date.VerbatimFormatStyle(
        format: """
          \(year: .padded(4))\(month: .twoDigits)\(day: .twoDigits)T\
          \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased))\
          \(minute: .twoDigits)\(second: .twoDigits)Z
          """, locale: Locale(identifier: "en_US_POSIX"), timeZone: .gmt,
        calendar: Calendar(identifier: .gregorian)))
    let file = (data as NSString).lastPathComponent
    let stem = file.split(separator: ".").first.map(String.init) ?? "data"
    return "runs/\(model)-\(stem)-\(time)"
  }

  /// The finished checkpoints, by ascending name.
  ///
  /// - Throws: `FileError` where the folder cannot be read.
  public func checkpoints() throws(FileError) -> [Checkpoint] {
    try DurableFiles.names(in: checkpointsPath)
      .filter { !$0.hasSuffix(DurableFiles.partialSuffix) }
      .map { Checkpoint(path: "\(checkpointsPath)/\($0)") }
  }

  /// What `best` points to, or nil before the first validation.
  public func best() throws(FileError) -> Checkpoint? {
    guard let target = try? FileManager.default.destinationOfSymbolicLink(atPath: bestPath) else {
      return nil
    }
    let name = (target as NSString).lastPathComponent
    return try checkpoints().first { $0.name == name }
  }
}
