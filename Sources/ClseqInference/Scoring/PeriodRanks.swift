package import ClseqBase
package import ClseqData
import ClseqMetrics
import ClseqModels
import ClseqOps

/// The rank of each event of a period among all items, after everything that its user did before, also in the
/// period: as a stream is scored where each case is a test before it is for training. A user's very first
/// event is no case.
package struct PeriodRanks: Sendable {
  /// Ranks from 1 of events of users who have events before the period; `Int.max` for a miss.
  package private(set) var old: [Int] = []
  /// Those of users who come in the period.
  package private(set) var new: [Int] = []

  /// The mean of NDCG@10 over cases; nil without any.
  package static func figure(_ ranks: [Int]) -> Double? {
    if ranks.isEmpty { return nil }
    let metric = NDCG(at: 10)
    return ranks.reduce(0) { $0 + metric.value(rank: $1) } / Double(ranks.count)
  }

  /// Ranks by a run's best model.
  ///
  /// - Parameters:
  ///   - run: A run that ranks items.
  ///   - dataset: A log, of which the events before the end of the period are taken.
  ///   - period: In microseconds since 1970.
  ///   - backend: Where the model runs.
  ///   - progress: Receives the progress.
  /// - Throws: As ``TrainedModel``.
  package init(
    by run: TrainedRun, of dataset: SequenceDataset, in period: Range<Int64>, on backend: Backend,
    progress: ProgressHandler? = nil
  ) throws {
    guard let times = dataset.times,
      let whole = dataset.keeping({ places in
        places.prefix { times[$0] < period.upperBound }
      })
    else { return }
    let known = try whole.translated(to: run.vocabulary, leastUserEvents: 1)
    let ranks = try TrainedModel(run, dataset: known, on: backend)
      .ranks(of: known, from: period.lowerBound, progress)
    take(ranks, of: known, in: whole, run.vocabulary, from: period.lowerBound)
  }

  /// - Parameters:
  ///   - ranks: By place in `known`.
  ///   - known: The dataset under the items of the model.
  ///   - whole: The same with all events.
  private mutating func take(
    _ ranks: [Int], of known: SequenceDataset, in whole: SequenceDataset, _ vocabulary: Vocabulary,
    from start: Int64
  ) {
    guard let times = whole.times else { return }
    let isNamed = (0...whole.itemCount + 1).map { item in
      item >= 1 && item <= whole.itemCount && vocabulary.index(of: whole.vocabulary[item]) != nil
    }
    // The number of users so far who are in `known`.
    var userCount = 0
    for user in 0..<whole.userCount {
      let places = whole[user].indices
      var keptCount = 0
      for place in places {
        let isKnown = isNamed[Int(whole.items[place])]
        if times[place] >= start, place > places.lowerBound {
          let rank =
            isKnown && keptCount > 0 ? ranks[Int(known.offsets[userCount]) + keptCount] : .max
          if times[places.lowerBound] < start { old.append(rank) } else { new.append(rank) }
        }
        if isKnown || vocabulary.hasUnknown { keptCount += 1 }
      }
      if keptCount > 0 { userCount += 1 }
    }
  }
}

extension TrainedModel {
  /// The rank of every event from a moment on that has one before it, by place; 0 for others.
  fileprivate func ranks(
    of dataset: SequenceDataset, from start: Int64, _ progress: ProgressHandler?
  ) throws -> [Int] {
    guard let times = dataset.times else { return [] }
    var ranks = [Int](repeating: 0, count: dataset.eventCount)
    var examples: [Example] = []
    for user in 0..<dataset.userCount {
      let places = dataset[user].indices
      let first = max(places.prefix { times[$0] < start }.upperBound, places.lowerBound + 1)
      guard first < places.upperBound else { continue }
      let inputs = first - 1..<places.upperBound - 1
      // A model that fills a mask answers one question a sequence.
      for range in runner.mask == nil ? [inputs] : inputs.map({ $0..<$0 + 1 }) {
        examples += TargetWindows(
          range, from: places.lowerBound, sequence: Int32(user),
          maximumLength: runner.maximumLength, reach: model.reach)
      }
    }
    var runner = runner
    runner.progress = progress
    try runner.forEachBatch(of: examples, in: dataset, "scoring") { batch in
      let inputs = batch.targetRows.map { batch.places[Int($0)] }
      let users = batch.targetRows.map { Int(batch.sequences[Int($0)]) }
      for (place, rank) in zip(inputs, try self.ranks(batch, inputs, users, dataset)) {
        ranks[place + 1] = rank
      }
    }
    return ranks
  }

  /// The ranks of the events after some places.
  private func ranks(
    _ batch: RaggedBatch, _ inputs: [Int], _ users: [Int], _ dataset: SequenceDataset
  ) throws -> [Int] {
    guard let table = model.outputTable else {
      preconditionFailure("PeriodRanks: the model ranks no items")
    }
    let itemCount = model.itemCount
    // The unknown item is no candidate; its rank is not looked at.
    let targets = inputs.map { min(dataset.items[$0 + 1], Int32(itemCount)) }
    var (offsets, seen): ([Int32], [Int32]) = ([0], [])
    for (place, user) in zip(inputs, users) {
      if run.seen == .exclude {
        seen += Set(dataset.items[Int(dataset.offsets[user])...place])
          .filter { $0 >= 1 && $0 <= itemCount }.sorted()
      }
      offsets.append(Int32(seen.count))
    }
    var plan = UploadPlan()
    let rows = plan.integers(batch.targetRows)
    let (wanted, starts, items) = (
      plan.integers(targets), plan.integers(offsets), plan.integers(seen)
    )
    let (events, arrays) = try runner.upload(batch, isTraining: false, with: plan)
    let tape = Tape(backend, mode: .inference)
    let states = try model.hiddenStates(of: events, only: EventRows(arrays[rows]), on: tape)
    let better = try backend.rankTargets(
      states, table: table.value, targets: arrays[wanted],
      excluding: UserRows(offsets: arrays[starts], rows: arrays[items]), firstItem: 1,
      itemCount: itemCount)
    try runner.uploader.release()
    return try backend.read(better).map { $0 < itemCount ? Int($0) + 1 : .max }
  }
}
