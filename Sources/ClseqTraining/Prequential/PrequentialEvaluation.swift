import ClseqBase
public import ClseqData
import ClseqInference
public import ClseqOps
import ClseqRuns
public import ClseqSettings
import Foundation

/// Prequential evaluation of continued learning: each period of a log is scored before it is trained on
/// (test-then-train; Gama, Sebastião and Rodrigues, On evaluating stream learning algorithms, Machine
/// Learning 90, 2013), by the model of the period before, by that model trained further, and by one that is
/// trained anew on everything.
///
/// A model for a period is trained on all events before it; of each user the last one is the validation
/// target, by which the epoch is chosen.
public struct PrequentialEvaluation {
  /// The settings of every training.
  public let settings: ResolvedSettings
  /// Path of the folder of the runs.
  public let folder: String
  /// The periods, in microseconds since 1970. The first is trained on and not scored.
  public let periods: [Range<Int64>]
  /// Whether models are trained anew beside.
  public var hasScratch = true
  /// Opens the device, for each training anew.
  public var openBackend: () throws -> Backend
  /// Receives each period when it is scored.
  public var onPeriod: (PrequentialReport.Period) -> Void = { _ in }
  /// Called after every step.
  public var isInterrupted: () -> Bool = { false }
  private let dataset: SequenceDataset

  /// - Parameters:
  ///   - settings: The settings of every training.
  ///   - dataset: The log.
  ///   - start: The start of the first period, of whose day the first moment is taken.
  ///   - seconds: The length of a period.
  ///   - folder: Path of the folder of the runs, which must not exist.
  /// - Throws: `SettingsError.doNotFit` for a model that ranks no items, or fewer than two periods;
  ///   `DataError.lacks` for a log without times, `.unfit` for a period without events.
  public init(
    _ settings: ResolvedSettings, _ dataset: SequenceDataset, from start: TimePoint,
    every seconds: Double, in folder: String
  ) throws {
    guard settings.model.kind != nil, settings.task.answer == .ranking else {
      throw SettingsError.doNotFit(
        "only models that are trained to rank next items are scored by periods: --task next-item "
          + "and a --model such as transformer")
    }
    guard !settings.data.isEmpty else {
      throw SettingsError.doNotFit("the built-in log is not scored by periods: name a log")
    }
    guard !settings.training.hasAdapters else {
      throw SettingsError.doNotFit(
        "each model goes on from the one before it, which adapters cannot: leave out lora_rank")
    }
    guard seconds >= 1 else {
      throw SettingsError.doNotFit("every must be at least 1s, such as 1d or 7d")
    }
    (self.settings, self.dataset, self.folder) = (settings, dataset, folder)
    openBackend = { try settings.training.openBackend() }
    periods = try Self.periods(
      of: dataset, from: settings.training.time(start, of: dataset),
      length: Int64(min(seconds, 1e10) * 1e6))
  }

  private static func periods(
    of dataset: SequenceDataset, from time: Int64, length: Int64
  ) throws -> [Range<Int64>] {
    let (day, path) = (Int64(86_400_000_000), dataset.source.name)
    guard let times = dataset.times, let last = times.max() else { return [] }
    let start = time - ((time % day) + day) % day
    guard times.contains(where: { $0 < start }) else {
      throw DataError.unfit(
        path: path, what: "no event is before \(TimeText.iso8601(start))",
        expected: "a later --from, so that there is something to begin with")
    }
    let periods = stride(from: start, through: last, by: Int64.Stride(length)).map {
      $0..<$0 + length
    }
    guard periods.count >= 2 else {
      throw SettingsError.doNotFit(
        "from \(TimeText.iso8601(start)) to the end of the log there are fewer than two periods: a "
          + "shorter --every, or an earlier --from")
    }
    var counts = [Int](repeating: 0, count: periods.count)
    for time in times where time >= start { counts[Int((time - start) / length)] += 1 }
    if let empty = counts.firstIndex(of: 0) {
      throw DataError.unfit(
        path: path,
        what: "no event lies from \(TimeText.iso8601(periods[empty].lowerBound)) to "
          + TimeText.iso8601(periods[empty].upperBound),
        expected: "events in every period: a longer --every, or a later --from")
    }
    return periods
  }
}

extension PrequentialEvaluation {
  /// A model for a period.
  private struct Model {
    var layout: RunLayout
    var seconds: Double
  }

  /// Trains and scores period by period. Of the runs the last continued one remains.
  ///
  /// - Throws: What training and scoring throw; `TrainingInterrupted`.
  public func report() throws -> PrequentialReport {
    var training = settings.training
    let base = try split(at: 0, addedFrom: nil)
    // What auto chooses for the first model holds for all.
    training.seen = SeenChoice(training.seen.rule(for: base))
    var current = try train(training, base, as: "continued-0")
    var rows: [PrequentialReport.Period] = []
    for index in 1..<periods.count {
      let earlier = try ranks(current, index)
      var further = training
      (further.continueFrom, further.startFrom) = (current.layout.path, "")
      let continued = try train(
        further, try split(at: index, addedFrom: index - 1), as: "continued-\(index)")
      try FileManager.default.removeItem(atPath: current.layout.path)
      current = continued
      let ranks = try ranks(current, index)
      var row = PrequentialReport.Period(
        from: TimeText.iso8601(periods[index].lowerBound),
        to: TimeText.iso8601(periods[index].upperBound), oldEvents: ranks.old.count,
        newEvents: ranks.new.count, earlier: scores(earlier, nil),
        continued: scores(ranks, continued.seconds))
      if hasScratch {
        let scratch = try train(
          training, try split(at: index, addedFrom: nil), as: "scratch-\(index)")
        row.scratch = scores(try self.ranks(scratch, index), scratch.seconds)
        try FileManager.default.removeItem(atPath: scratch.layout.path)
      }
      rows.append(row)
      onPeriod(row)
    }
    return PrequentialReport(
      run: current.layout.path, data: dataset.source.name, dataHash: dataset.source.hash,
      model: training.model.rawValue,
      every: DurationText.words(Double(periods[0].upperBound - periods[0].lowerBound) / 1e6),
      replay: training.replay, seen: training.seen.rawValue, seed: training.seed, periods: rows,
      total: PrequentialReport.Period(rows))
  }

  private func split(at index: Int, addedFrom earlier: Int?) throws -> Split {
    let moment = periods[index].lowerBound
    guard
      let past = dataset.past(before: moment, addedFrom: earlier.map { periods[$0].lowerBound })
    else { throw DataError.empty(path: dataset.source.name) }
    return Split.untilNow(past, name: "prequential, before \(moment)")
  }

  private func train(
    _ training: TrainingSettings, _ split: Split, as name: String
  ) throws -> Model {
    let start = ContinuousClock.now
    let split = split.applying(training.seen.rule(for: split))
    let run = try RunDirectory.create(at: "\(folder)/\(name)")
    let trainer = try Trainer(training, split: split, on: try openBackend())
    _ = try trainer.train(
      in: run, progress: ProgressReport(style: .silent), isInterrupted: isInterrupted)
    return Model(layout: run.layout, seconds: (ContinuousClock.now - start) / .seconds(1))
  }

  private func ranks(_ model: Model, _ index: Int) throws -> PeriodRanks {
    let run = try TrainedRun(model.layout, settings: try model.layout.settings())
    return try PeriodRanks(by: run, of: dataset, in: periods[index], on: try openBackend())
  }

  private func scores(_ ranks: PeriodRanks, _ seconds: Double?) -> PrequentialReport.Scores {
    PrequentialReport.Scores(
      old: PeriodRanks.figure(ranks.old), new: PeriodRanks.figure(ranks.new),
      all: PeriodRanks.figure(ranks.old + ranks.new), seconds: seconds)
  }
}
