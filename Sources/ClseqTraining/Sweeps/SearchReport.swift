import ClseqBase
import ClseqRuns

/// The trials of a search for settings, the best first.
public struct SearchReport: Encodable, Sendable {
  /// One trial.
  public struct Trial: Encodable, Sendable {
    /// The name of its run.
    public let name: String
    /// The values that it drew, by key.
    public let values: [String: String]
    /// Epochs that were trained; nil where none was.
    public let epochs: Int?
    /// Scores of the best epoch.
    public let validation: [String: Double]
    /// Why it has no score that counts; nil where it has one.
    public let failure: String?
    /// The keys in the order of the search.
    public let keys: [String]

    private enum CodingKeys: String, CodingKey { case name, values, epochs, validation, failure }

    init(_ name: String, _ values: Sweep.Changes, _ record: RunRecord) {
      self.init(name, values, record.epochs, record.validation, nil)
    }

    init(_ name: String, _ values: Sweep.Changes, failure: String) {
      self.init(name, values, nil, [:], failure)
    }

    private init(
      _ name: String, _ values: Sweep.Changes, _ epochs: Int?, _ validation: [String: Double],
      _ failure: String?
    ) {
      self.name = name
      self.values = Dictionary(values.map { ($0.key, $0.text) }) { $1 }
      keys = values.map(\.key)
      (self.epochs, self.validation, self.failure) = (epochs, validation, failure)
    }
  }

  /// Path of the folder of the runs.
  public let run: String
  /// The figure that trials are ordered by.
  public let metric: String
  /// The trials, the best first, those that failed last.
  public let trials: [Trial]

  /// - Parameter selection: The figure that trials are chosen by; nil where no run has one.
  init(_ run: String, _ trials: [Trial], by selection: SelectionMetric?) {
    self.run = run
    metric = selection?.name ?? "NDCG@10"
    let values = trials.map { trial in
      trial.failure == nil
        ? selection?.orientedValue(of: trial.validation) ?? -.infinity : -.infinity
    }
    self.trials = trials.indices.sorted { left, right in
      let failed = [left, right].map { trials[$0].failure != nil }
      if failed[0] != failed[1] { return failed[1] }
      return values[left] == values[right] ? left < right : values[left] > values[right]
    }.map { trials[$0] }
  }

  /// The best trial; nil where all failed.
  public var best: Trial? { trials.first { $0.failure == nil } }
}

extension Sweep {
  /// The values that trials draw from ranges.
  public static func values(
    of ranges: [SearchRange], trials: Int, seed: UInt64
  ) -> [Changes] {
    (0..<trials).map { trial in
      ranges.map { (key: $0.key, text: $0.value(trial: trial, seed: seed)) }
    }
  }

  /// Trains the trials that are not trained yet, in runs `trial-001`, …; the settings of the best one
  /// are kept in `best.yaml` of the folder. A trial that fails stands last, with its reason.
  ///
  /// - Throws: ``TrainingInterrupted``, and the first error where no training could begin.
  public mutating func report(ofTrials values: [Changes]) throws -> SearchReport {
    // Trials that read the log alike follow one another.
    let readings = values.map { readingKey(changing: $0) }
    let order = values.indices.sorted { left, right in
      let firsts = [left, right].map { readings.firstIndex(of: readings[$0]) ?? 0 }
      return (firsts[0], left) < (firsts[1], right)
    }
    var trials: [SearchReport.Trial?] = values.map { _ in nil }
    var selection: SelectionMetric?
    var firstFailure: (any Error)?
    for number in order {
      let digits = String(number + 1)
      let name = "trial-" + String(repeating: "0", count: max(0, 3 - digits.count)) + digits
      do {
        let record = try record(of: name, changing: values[number])
        trials[number] = .init(name, values[number], record)
        selection = selection ?? record.selection
      } catch let interruption as TrainingInterrupted {
        throw interruption
      } catch {
        firstFailure = firstFailure ?? error
        onFailure(name, "\(error)")
        trials[number] = .init(name, values[number], failure: "\(error)")
      }
    }
    if let firstFailure, !hasTrained { throw firstFailure }
    let report = SearchReport(folder, trials.compactMap { $0 }, by: selection)
    if let best = report.best {
      let yaml = try DurableFiles.bytes(of: RunLayout(path: "\(folder)/\(best.name)").configPath)
      try DurableFiles.write(Array(yaml), to: "\(folder)/best.yaml")
    }
    return report
  }
}
