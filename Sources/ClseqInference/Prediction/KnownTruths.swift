public import ClseqBase
import ClseqData
import ClseqRuns
import ClseqSettings

/// The true outcomes that the data has for predictions, and the part of the run's split that each is
/// in, to compare predictions with the truth.
///
/// A record gets, after the outputs of the heads, `truth` for each head (after `TARGET.` where
/// there are several, or a ranking), and `part`:
///
/// | field | |
/// |---|---|
/// | `truth` | the number, 0 or 1, the class, the seconds; of a ranking the next item's id; empty where it is not known |
/// | `truth_ended` | of times: 1, or 0 where the time is at least this long |
/// | `part` | `training`, `validation`, `test`, or `none` of another log than the run's own |
public struct KnownTruths: Sendable {
  /// Truths that are not known for any case, with the reason.
  public private(set) var notes: [String] = []
  private let run: TrainedRun
  private let data: NewData
  /// The data with what came from the moment on.
  private let whole: SequenceDataset
  /// By head; nil where the data has none.
  private let targets: [Targets?]
  /// The split of the run, where the data is its own log.
  private let split: Split?

  /// - Parameters:
  ///   - run: The run.
  ///   - data: Read with the truths; see
  ///     ``TrainedRun/loadDataset(at:omittingLast:allowsMissingColumns:withTruth:keepsUnknown:progress:)``.
  ///   - progress: Receives the progress of reading the log again.
  /// - Throws: What splitting the run's log can throw.
  public init(
    _ run: TrainedRun, of data: NewData, progress: ProgressHandler? = nil
  ) throws {
    guard let whole = data.whole else {
      preconditionFailure("KnownTruths: the data was read without truths")
    }
    self.run = run
    self.data = data
    self.whole = whole
    var notes: [String] = []
    targets = run.description.heads.map { head in
      do { return try Self.targets(head, run, data, whole) } catch {
        notes.append("no truth of \(head.target): \(error)")
        return nil
      }
    }
    self.notes = notes
    split = try run.ownSplit(of: whole, progress: progress)
  }

  private static func targets(
    _ head: TaskDescription.Head, _ run: TrainedRun, _ data: NewData, _ whole: SequenceDataset
  ) throws -> Targets? {
    guard let rule = TargetRule(head.target) else { return nil }
    return try Targets(
      rule, of: whole, horizon: run.description.horizon ?? 0,
      cutoff: rule.hasHorizon ? data.moment : nil)
  }

  /// The truths of a row, and its part.
  func fields(of row: PredictedRow) -> [PredictionField] {
    let token = data.dataset.users[row.user]
    let user = whole.users.index(of: token).map { Int($0) }
    let place = row.place - Int(data.dataset.offsets[row.user])
    var fields: [PredictionField] = []
    if run.ranksItems {
      let next = user.flatMap { nextItem(of: $0) }
      fields.append(PredictionField("truth", next.map { .text($0) }))
    }
    let hasSeveral = run.ranksItems || run.description.heads.count > 1
    for (head, targets) in zip(run.description.heads, targets) {
      let prefix = hasSeveral ? "\(head.target)." : ""
      fields += truth(of: user, place, head.goal, targets).map {
        PredictionField(prefix + $0.name, $0.value)
      }
    }
    fields.append(PredictionField("part", .text(part(ofUser: token, place: place))))
    return fields
  }

  /// The truths of a generated event, `truth` of its item and `type.truth` of a run that predicts types, and its part.
  ///
  /// - Parameter step: From 0 for the event after the history.
  func fields(of sequence: GeneratedSequence, step: Int) -> [PredictionField] {
    let token = data.dataset.users[sequence.user]
    let item = whole.users.index(of: token).flatMap { nextItem(of: Int($0), after: step) }
    let place = sequence.place - Int(data.dataset.offsets[sequence.user])
    var fields = [PredictionField("truth", item.map { .text($0) })]
    if run.predictsTypes {
      let type = whole.users.index(of: token).flatMap { nextType(of: Int($0), after: step) }
      fields.append(PredictionField("type.truth", type.map { .text($0) }))
    }
    return fields + [PredictionField("part", .text(part(ofUser: token, place: place + step)))]
  }

  /// The id of the item that came next, or after so many events more.
  private func nextItem(of user: Int, after step: Int = 0) -> String? {
    nextPlace(of: user, after: step).flatMap { whole.itemToken(at: $0) }
  }

  /// The type of that event.
  private func nextType(of user: Int, after step: Int) -> String? {
    guard let names = whole.types, let types = whole.events.types,
      let place = nextPlace(of: user, after: step), types[place] >= 0
    else { return nil }
    return names[Int(types[place])]
  }

  /// Where the event is that came next, or after so many events more.
  private func nextPlace(of user: Int, after step: Int) -> Int? {
    let places = Int(whole.offsets[user])..<Int(whole.offsets[user + 1])
    let place = NewData.past(places, of: whole, data.moment, data.omittedLast).upperBound + step
    return place < places.upperBound ? place : nil
  }

  private func truth(
    of user: Int?, _ place: Int, _ goal: RowGoal, _ targets: Targets?
  ) -> [PredictionField] {
    let index = user.flatMap { user in
      targets.map { $0.rule.subject == .user ? user : Int(whole.offsets[user]) + place }
    }
    var (value, ended): (PredictionField.Value?, PredictionField.Value?)
    if let index, let targets, targets.isKnown(index) {
      switch targets.values {
      case .classes(let classes, let names): value = .text(names[Int(classes[index])])
      case .numbers(let numbers): value = .number(numbers[index])
      case .durations(let durations, let observed):
        value = .number(durations[index])
        ended = .integer(observed[index] ? 1 : 0)
      }
    }
    let truth = PredictionField("truth", value)
    if case .durations = goal { return [truth, PredictionField("truth_ended", ended)] }
    return [truth]
  }

  /// - Parameter place: The last event's place among the user's events that the model knows.
  private func part(ofUser token: String, place: Int) -> String {
    guard let split, let user = split.dataset.users.index(of: token).map({ Int($0) }) else {
      return "none"
    }
    let start = Int(split.dataset.offsets[user])
    func asks(_ part: Split.Part, about place: Int) -> Bool {
      split.targetPlaces(of: user, for: part).contains(start + place)
    }
    let parts = Split.Part.allCases
    let rule = run.description.heads.first.flatMap { TargetRule($0.target) }
    let count = split.training(of: user).count
    switch run.ranksItems ? .nextEvent : rule?.subject ?? .nextEvent {
    case .user:
      // Each of these moments has a case for every user.
      if let moments = split.moments, rule?.hasHorizon == true {
        return parts.first { data.moment == moments[$0] }?.rawValue
          ?? (data.moment == moments.training ? "training" : "none")
      }
      let found = parts.first { !split.targetPlaces(of: user, for: $0).isEmpty }
      return found?.rawValue ?? (count > 0 ? "training" : "none")
    case .event:
      return parts.first { asks($0, about: place) }?.rawValue
        ?? (place < count ? "training" : "none")
    case .nextEvent:
      return parts.first { asks($0, about: place + 1) }?.rawValue
        ?? (place + 1 < count ? "training" : "none")
    }
  }
}

extension TrainedRun {
  /// The split that the run was trained and scored on; nil where the data is not the run's own log.
  fileprivate func ownSplit(
    of data: SequenceDataset, progress: ProgressHandler?
  ) throws -> Split? {
    guard try layout.passport().dataHash == data.source.hash else { return nil }
    var own = settings
    let kept = try layout.settings()
    (own.users, own.items, own.attributeKinds) = (kept.users, kept.items, kept.attributeKinds)
    let dataset = try own.loadDataset(progress: progress)
    return try own.taskSplit(dataset)
  }
}
