import ClseqData
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Testing

/// What comes after the validation begins changes nothing of a training by time: neither examples, nor
/// truths, nor statistics of inputs.
@Suite(.serialized) struct FutureTests {
  private static let start = 1_700_000_000
  private static let (validation, test) = (start + 400_000, start + 500_000)

  /// 30 users with an event every few hours for a week, of whom ten come later than the others.
  ///
  /// - Parameter isChanged: Whether events from the validation on are others: half are missing, and what
  ///   stands in the rest is far off.
  private static func log(isChanged: Bool) -> String {
    var numbers = TestNumbers(seed: 11)
    var lines = ["user_id,item_id,event,price,rating,timestamp"]
    for user in 0..<30 {
      let draws = numbers.indices(60, below: 1_000)
      var time = start + 600 * user + (user < 20 ? 0 : user < 25 ? 400_000 : 500_000)
      for place in 0..<20 {
        let (item, gap, kind) = (draws[place], draws[20 + place], draws[40 + place])
        time += 10_000 + 60 * Int(gap)
        let isLate = time >= validation
        if isLate, isChanged, place.isMultiple(of: 2) { continue }
        // Some never come back.
        if user < 20, user % 5 == 1, time >= start + 280_000 { continue }
        let type = ["view", "cart", "buy"][Int(kind) % 3]
        let price = Int(kind) % 17 * (isLate && isChanged ? 1_000 : 1)
        let stars = (Int(item) + Int(kind)) % 5
        let rating = isLate && isChanged ? 5 - stars : 1 + stars
        lines.append("u\(user),i\(item % 25),\(type),\(price),\(rating),\(time)")
      }
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private func trainer(
    _ task: TaskKind, _ target: TargetRule?, isChanged: Bool, splitBy: SplitChoice = .time
  ) throws -> Trainer {
    let folder = try TemporaryFolder()
    var settings = TrainingSettings(task: task, model: .network(.gru), target: target)
    settings.data = try folder.write(Array(Self.log(isChanged: isChanged).utf8), to: "log.csv")
    settings.eventFeatures = [FeatureRequest("price"), FeatureRequest("hour:min-max")]
    if task == .nextItem { settings.inputs = .kinds([.type, .gap, .features]) }
    (settings.splitBy, settings.validationFrom, settings.testFrom) = (
      splitBy, .time(Int64(Self.validation) * 1_000_000), .time(Int64(Self.test) * 1_000_000)
    )
    (settings.horizon, settings.cutoff) = (100_000, .time(Int64(Self.test) * 1_000_000))
    if target?.userAttributes.isEmpty == false {
      let users = (0..<30).map { "u\($0),\($0 % 3 == 0 ? "gold" : "free")\n" }
      settings.users = try folder.write(
        Array(("user_id,plan\n" + users.joined()).utf8), to: "users.csv")
    }
    settings.tasks = try #require(TaskList("next-item,next:price,return"))
    (settings.maxLength, settings[.hiddenSize], settings[.recurrentSizes]) = (8, 8, [8])
    (settings.batchSize, settings.seed, settings.bins) = (7, 3, 5)
    return try Trainer(settings, dataset: try settings.loadDataset(), on: .reference())
  }

  @Test(
    arguments: [
      (.nextItem, nil), (.nextEventType, nil), (.click, .label(least: 3)),
      (.regress, .label(least: nil)), (.regress, .nextFeature("price")), (.timeToEvent, nil),
      (.multi, nil), (.classify, .churn), (.regress, .futureCount),
      (.regress, .futureSum("price")), (.classify, .userAttribute("plan")),
    ] as [(TaskKind, TargetRule?)])
  func trainingKnowsNothingOfIt(_ task: TaskKind, _ target: TargetRule?) throws {
    let losses = try [false, true].map { isChanged in
      let trainer = try trainer(task, target, isChanged: isChanged)
      #expect(trainer.passport.inputsFittedOn?.hasSuffix(" training events") == true)
      return try trainer.batches(epoch: 0).map { batch in
        try trainer.store.backend.read(try trainer.step(batch))[0].bitPattern
      }
    }
    #expect(losses[0] == losses[1] && losses[0].count > 2)
  }

  /// The test above can fail: leave-one-out trains on what is later, and statistics of all events tell
  /// of it.
  @Test func whatKnowsTheFutureIsCaught() throws {
    let losses = try [false, true].map { isChanged in
      let trainer = try trainer(.nextItem, nil, isChanged: isChanged, splitBy: .leaveOneOut)
      return try trainer.batches(epoch: 0).map { batch in
        try trainer.store.backend.read(try trainer.step(batch))[0].bitPattern
      }
    }
    #expect(losses[0] != losses[1])
    let datasets = try [false, true].map {
      try trainer(.regress, .nextFeature("price"), isChanged: $0).split.dataset
    }
    let encodings = try datasets.map { try InputEncoding(nil, rule: .returnTime, of: $0) }
    #expect(encodings[0] != encodings[1])
  }

  /// Users are asked about at three moments, a horizon apart, and the passport says so.
  @Test func usersAreAskedOutOfTime() throws {
    let trainer = try trainer(.classify, .churn, isChanged: false)
    let moments = try #require(trainer.split.moments)
    #expect(moments.test == Int64(Self.test) * 1_000_000)
    #expect(moments.validation == Int64(Self.validation) * 1_000_000)
    #expect(trainer.passport.split.contains("no window of truths reaches into a later one"))
    #expect(
      trainer.passport.task == "classify churn within 100000 seconds from 2023-11-20T17:06:40Z")
    let times = try #require(trainer.split.dataset.times)
    for part in Split.Part.allCases {
      let rows = try trainer.predictions(of: part)[0]
      let known = (0..<30).filter { user in
        trainer.split.dataset[user].indices.contains { times[$0] < moments[part] }
      }
      #expect(rows.map(\.user) == known)
      for row in rows { #expect(times[row.place] < moments[part]) }
      let leftOut = trainer.passport.leftOut?[part.rawValue]
      #expect(
        leftOut
          == (known.count == 30
            ? nil : ["users without an event before the moment": 30 - known.count]))
    }
  }
}
