import ClseqBase
import ClseqData
import ClseqInference
import ClseqModels
import ClseqOps
import ClseqRuns
import ClseqSettings
import ClseqTestSupport
import ClseqTraining
import Testing

/// A prediction depends on the user's own events, the moment and the model, and on nothing else: over all
/// kinds of targets and all models.
@Suite(.serialized) struct IndependenceTests {
  /// The same bytes alone, among others in another order, and in batches of another size.
  @Test(arguments: TargetLog.cases)
  func whoElseIsThereChangesNothing(_ test: TargetLog.Case) throws {
    let log = try TargetLog(test)
    let together = try log.lines(of: log.rows)
    #expect(together.count == 70)
    for user in ["u0", "u7", "u33"] {
      let alone = try log.lines(of: log.rows(of: [user]))
      #expect(alone.count == 1 && alone[user] == together[user] && alone[user]?.isEmpty == false)
    }
    let byUser = Dictionary(grouping: log.rows, by: \.user)
    let backwards = byUser.keys.sorted(by: >).flatMap { byUser[$0] ?? [] }
    #expect(try log.lines(of: backwards) == together)
    #expect(try log.lines(of: log.rows) { $0.batchSize = 1 } == together)
    #expect(try log.lines(of: log.rows) { $0.batchEvents = 37 } == together)
  }

  /// What comes later changes nothing that was said of earlier events, or from an earlier moment.
  @Test(arguments: TargetLog.cases)
  func whatComesLaterChangesNothing(_ test: TargetLog.Case) throws {
    let log = try TargetLog(test)
    let moment: Int64 = 1_705_000_000
    let past = log.rows.filter { $0.time < moment }
    #expect(past.count < log.rows.count)
    let all = try log.lines(of: log.rows, at: moment * 1_000_000)
    #expect(try log.lines(of: past, at: moment * 1_000_000) == all)
    // A tag may depend on later events, by a model that sees them.
    guard log.trainer.answersForEvents, !test.model.fillsMasks else { return }
    let whole = try log.lines(of: log.rows)
    for (user, lines) in try log.lines(of: past) {
      #expect(whole[user].map { Array($0.prefix(lines.count)) } == lines)
    }
  }

  /// What predict says is what evaluate scores, to the last digit.
  @Test(arguments: TargetLog.cases.filter { $0.task != .nextItem })
  func predictionsAreThoseOfTheEvaluation(_ test: TargetLog.Case) throws {
    let log = try TargetLog(test)
    let dataset = log.trainer.split.dataset
    var compared = 0
    for part in Split.Part.allCases {
      for (head, rows) in try log.trainer.predictions(of: part).enumerated() {
        let byUser = Dictionary(grouping: rows, by: \.user)
        for (user, rows) in byUser.sorted(by: { $0.key < $1.key }).prefix(12) {
          let name = dataset.users[user]
          let own = log.rows(of: [name])
          for row in rows.suffix(5) {
            let place = row.place - Int(dataset.offsets[user])
            let said: Prediction?
            if log.trainer.answersForEvents {
              said = try log.heads(of: own)[name]?[place][head]
            } else if let cutoff = log.trainer.cutoff {
              said = try log.heads(of: own, at: cutoff)[name]?[0][head]
            } else {
              said = try log.heads(of: Array(own.prefix(place + 1)))[name]?[0][head]
            }
            #expect(said == row.said, "\(part) \(name) \(place)")
            compared += 1
          }
        }
      }
    }
    #expect(compared >= 8)
  }

  /// Users are asked about at a moment: by default the end of the run's own log, and never that of
  /// whoever is in the file.
  @Test(arguments: TargetLog.cases.filter(\.isOfUsers))
  func theMomentIsTold(_ test: TargetLog.Case) throws {
    let log = try TargetLog(test)
    let end = Int64(log.rows.map(\.time).max()! + 1) * 1_000_000
    let run = try log.run(on: log.rows(of: ["u1"]))
    #expect(run.description.moment == end)
    let data = try run.loadDataset()
    #expect(data.moment == end && data.laterEventCount == 0)
    // u1 has left long before, which its score must tell.
    let now = try log.lines(of: log.rows(of: ["u1"]))
    let text = TimeText.iso8601(end)
    #expect(now["u1"]?[0].contains("\"moment\":\"\(text)\"") == true)
    let until = TimeText.iso8601(end + 30 * 86_400 * 1_000_000)
    #expect(now["u1"]?[0].contains("\"until\":\"\(until)\"") == (log.trainer.cutoff != nil))
    let later = try log.lines(of: log.rows(of: ["u1"]), at: end + 86_400_000_000 * 300)
    #expect(later != now)
    // Events that the run's log did not reach want a moment.
    var rows = log.rows(of: ["u1", "u2"])
    rows.append(rows[0])
    rows[rows.count - 1].time += 86_400 * 400
    #expect {
      try log.run(on: rows).loadDataset()
    } throws: {
      "\($0)".contains("1 event is later than the run's own log") && "\($0)".contains("--moment 20")
    }
    let told = try log.run(on: rows).loadDataset(at: end)
    #expect(told.laterEventCount == 1 && told.notes[0].contains("1 event from \(text) on"))
    #expect(try log.lines(of: rows, at: end)["u1"] == now["u1"])
  }

  /// Truth and part of what the evaluation asks about are those of the split, for every task.
  @Test(arguments: TargetLog.cases)
  func truthsAndPartsAreThoseOfTheSplit(_ test: TargetLog.Case) throws {
    let log = try TargetLog(test)
    let split = log.trainer.split
    let run = try log.run(on: log.rows)
    let isOfEvents = log.trainer.answersForEvents
    let data = try run.loadDataset(
      at: log.trainer.cutoff, omittingLast: isOfEvents || test.isOfUsers ? 0 : 1, withTruth: true)
    let records = PredictionRecords(run, of: data, truths: try KnownTruths(run, of: data))
    var parts: [String: Int] = [:]
    var truths = 0
    try run.predictor(for: data, on: { .reference() }).predict(.init(), progress: nil) { row in
      for record in records.records(of: row).prefix(1) {
        guard case .text(let part) = record.last?.value else {
          Issue.record("no part in \(record)")
          return
        }
        parts[part, default: 0] += 1
        let fields = record.filter { $0.name.hasSuffix("truth") }
        #expect(!fields.isEmpty)
        truths += fields.allSatisfy { $0.value != nil } ? 1 : 0
      }
    }
    #expect(truths > 50, "\(parts)")
    for part in Split.Part.allCases {
      let count = (0..<split.dataset.userCount).reduce(0) { sum, user in
        let places = split.targetPlaces(of: user, for: part)
        return sum + (isOfEvents ? places.count : places.isEmpty ? 0 : 1)
      }
      // Of leave-one-out the test alone is asked about so; by user, users without a past are not.
      let hasCases = isOfEvents || split.name.hasPrefix("by user") || part == .test
      let found = parts[part.rawValue] ?? 0
      #expect(hasCases ? found > 0 && found <= count : found == 0, "\(part) \(parts) \(count)")
      if isOfEvents || !split.name.hasPrefix("by user"), hasCases { #expect(found == count) }
    }
    // Another log has no parts.
    let other = try log.run(on: log.rows(of: ["u3"])).loadDataset(withTruth: true)
    let none = PredictionRecords(run, of: other, truths: try KnownTruths(run, of: other))
    #expect(none.names.last?.value == .text("none"))
  }

  /// Users who are all asked about at three moments are, at each of them, in the part that asks then, and
  /// what predict says there is what evaluate scores.
  @Test func usersAskedByTimeAreInThePartOfTheMoment() throws {
    let log = try TargetLog(
      .init(task: .regress, target: "future-count", model: .mlp), splitBy: .time)
    let moments = try #require(log.trainer.split.moments)
    let run = try log.run(on: log.rows)
    for (part, moment) in [
      ("training", moments.training), ("validation", moments.validation), ("test", moments.test),
      ("none", moments.test + 1),
    ] {
      let data = try run.loadDataset(at: moment, withTruth: true)
      let records = PredictionRecords(run, of: data, truths: try KnownTruths(run, of: data))
      var said: [String: [Prediction]] = [:]
      try run.predictor(for: data, on: { .reference() }).predict(.init(), progress: nil) { row in
        said[data.dataset.users[row.user]] = row.heads
        #expect(records.records(of: row)[0].last?.value == .text(part))
      }
      #expect(said.count > 30)
      guard let known = Split.Part(rawValue: part) else { continue }
      let rows = try log.trainer.predictions(of: known)[0]
      #expect(rows.count == said.count)
      for row in rows {
        #expect(
          said[log.trainer.split.dataset.users[row.user]] == [row.said], "\(part) \(row.user)")
      }
    }
  }

  /// A column that the model takes and the log lacks is named, and nothing is said without it.
  @Test(arguments: [
    (TargetLog.Case(task: .nextEventType), "event", "event types"),
    (TargetLog.Case(task: .nextEventType), "timestamp", "times"),
    (TargetLog.Case(task: .click, target: "label>=3", model: .transformerCTR), "rating", "labels"),
    (TargetLog.Case(task: .classify, target: "churn"), "timestamp", "times"),
  ])
  func missingColumnsAreNamed(_ test: TargetLog.Case, _ column: String, _ what: String) throws {
    let log = try TargetLog(test)
    let rows = log.rows(of: ["u1", "u2"])
    #expect {
      try log.run(on: rows, without: column).loadDataset()
    } throws: { error in
      "\(error)".contains("the model takes \(what)")
        && "\(error)".contains("--allow-missing-columns")
    }
    let run = try log.run(on: rows, without: column)
    let data = try run.loadDataset(allowsMissingColumns: true)
    #expect(data.missingColumns == [what] && data.notes[0].contains("no \(what)"))
    var count = 0
    try TrainedModel(run, data, on: .reference()).predict { _ in count += 1 }
    #expect(count > 0)
  }

  @Test func aColumnOfNumbersOrAttributesIsNamedToo() throws {
    let log = try TargetLog(.init(task: .regress, target: "next:price", model: .mlp))
    #expect {
      try log.run(on: log.rows, without: "price").loadDataset()
    } throws: { "\($0)".contains("price") }
  }

  /// Items that training did not know keep their ids, and a candidate's own label may be missing.
  @Test func idsStayAsTheyStood() throws {
    let log = try TargetLog(.init(task: .click, target: "label>=3", model: .transformerCTR))
    var rows = log.rows(of: ["u1"])
    let known = try log.lines(of: rows)["u1"] ?? []
    var candidate = rows[rows.count - 1]
    (candidate.item, candidate.rating) = ("brand-new", 0)
    candidate.time += 1
    rows.append(candidate)
    let lines = try log.lines(of: rows)["u1"] ?? []
    #expect(lines.dropLast() == known[...] && lines.count == rows.count)
    #expect(lines[lines.count - 1].contains("\"item\":\"brand-new\""))
    for (line, row) in zip(lines, rows) { #expect(line.contains("\"item\":\"\(row.item)\"")) }
  }
}
