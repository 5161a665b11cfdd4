import ClseqBase
import ClseqData
import ClseqModels
import ClseqNN
import ClseqOps

extension TrainedModel {
  /// The negative log-likelihoods of the events of stretches but for the first of each, in nats: −log p(item | the
  /// stretch's events before it), with the softmax over all items of the run. A long stretch is cut so that events have
  /// at least half of the run's maximum length before them. An event of the unknown item has 0.
  ///
  /// - Parameters:
  ///   - stretches: In any order, gone through several times. They may be empty, and overlap.
  ///   - progress: Receives the progress.
  ///   - body: Takes one after another, with the numbers of its events but for the first.
  /// - Throws: What `body` throws; `DataError.unfit` where a number is not finite; `OpenCLError`.
  func likelihoods(
    of stretches: some Sequence<Stretch>, progress: ProgressHandler?,
    _ body: (Stretch, [Float]) throws -> Void
  ) throws {
    var runner = runner
    runner.progress = progress
    let (length, reach) = (runner.maximumLength, model.reach)
    let examples = stretches.lazy.flatMap { stretch in
      TargetWindows(
        stretch.events.dropLast(), from: stretch.events.lowerBound, sequence: Int32(stretch.user),
        maximumLength: length, reach: reach, sharing: .context)
    }
    var (rest, restOfExamples) = (stretches.makeIterator(), examples.makeIterator())
    var (current, values) = (rest.next(), [Float]())
    func passOn() throws {
      while let stretch = current, values.count >= stretch.events.count - 1 {
        try body(stretch, values)
        (current, values) = (rest.next(), [])
      }
    }
    try passOn()
    try runner.forEachBatch(of: examples, in: dataset, "scoring") { batch in
      // Inside a batch the longest example comes first, of equal ones the first.
      let lengths = (0..<batch.sequenceCount).compactMap { _ in restOfExamples.next()?.inputs.count
      }
      let order = lengths.indices.sorted { (-lengths[$0], $0) < (-lengths[$1], $1) }
      let losses = zip(order, try eventLosses(of: batch)).sorted { $0.0 < $1.0 }
      for (_, part) in losses {
        if part.contains(where: { !$0.isFinite }), let stretch = current {
          throw DataError.unfit(
            path: run.layout.path,
            what:
              "an event of user '\(dataset.users[stretch.user])' has a likelihood that is no number",
            expected: "a run whose training did not diverge")
        }
        values += part
        try passOn()
      }
    }
    precondition(current == nil, "likelihoods: a stretch without its events")
  }

  /// The losses of the events with a target of each sequence of a batch.
  private func eventLosses(of batch: RaggedBatch) throws -> [ArraySlice<Float>] {
    guard let table = model.outputTable else {
      preconditionFailure("likelihoods: the model ranks no items")
    }
    var plan = UploadPlan()
    let rows = plan.integers(batch.targetRows)
    let targets = plan.integers(batch.targetRows.map { batch.targets[Int($0)] })
    let (events, arrays) = try runner.upload(batch, isTraining: false, with: plan)
    let tape = Tape(backend, mode: .inference)
    let states = try model.hiddenStates(of: events, only: EventRows(arrays[rows]), on: tape)
    let losses = try backend.read(
      try tape.eventCrossEntropy(
        states, table: table, targets: arrays[targets], firstClass: 1, classCount: model.itemCount))
    try runner.uploader.release()
    var first = 0
    return batch.offsets.dropFirst().map { end in
      var next = first
      while next < losses.count, batch.targetRows[next] < end { next += 1 }
      defer { first = next }
      return losses[first..<next]
    }
  }
}
