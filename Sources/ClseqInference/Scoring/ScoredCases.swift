public import ClseqData
import ClseqRuns

/// The answers of a run to the cases of a part of the split, beside the truths: ranks of targets, or
/// outputs of a head for events or users. Each case belongs to a user; intervals resample users.
///
/// A task has one of these, several tasks (`multi`) one each.
public struct ScoredCases: Sendable {
  /// Where the event stands that a case is about.
  enum Subject: Sendable {
    /// It is the event at the place: a target, or an event with an outcome to predict.
    case event
    /// It is the one after the place.
    case nextEvent
    /// The place is the user's last event that is known.
    case user
  }

  /// What is scored.
  enum Answers: Sendable {
    /// The rank of each target, from 1, and what follows the names of metrics.
    case ranks([Int], mark: String?)
    /// C outputs a case.
    case rows(RowGoal, outputs: [Float], Truths)
    /// What was written of each event of whole sequences.
    case sequences(ReconstructionAnswers)
  }

  /// The truth of each case.
  enum Truths: Sendable {
    case yes([Bool])
    case classes([Int32])
    case numbers([Double])
    case durations([Double], observed: [Bool])
  }

  /// What stands before the names of figures, with a blank: the part of several tasks, or nothing.
  let prefix: String
  let subject: Subject
  /// The user of each case, from 0 in the order in which they come.
  let users: [Int32]
  /// The index in the dataset of each of these users; -1 for the unknown ones of missed targets.
  let datasetUsers: [Int32]
  /// The place in the dataset of each case's event; -1 for missed targets.
  let places: LazyValues<Int>
  let answers: Answers
  /// The split whose cases these are, for metrics that look at a user's history.
  let split: Split?

  /// The number of cases.
  public var count: Int { users.count }
  /// The number of users that they belong to.
  public var userCount: Int { datasetUsers.count }

  /// - Parameter datasetUsers: The user of each case in the dataset; equal ones stand together.
  init(
    prefix: String = "", _ subject: Subject, datasetUsers: [Int32], places: LazyValues<Int>,
    _ answers: Answers, of split: Split? = nil
  ) {
    var distinct: [Int32] = []
    var users: [Int32] = []
    users.reserveCapacity(datasetUsers.count)
    for user in datasetUsers {
      if user < 0 || distinct.last != user { distinct.append(user) }
      users.append(Int32(distinct.count - 1))
    }
    self.init(
      prefix: prefix, subject: subject, users: users, datasetUsers: distinct, places: places,
      answers: answers, split: split)
  }

  /// The events of whole sequences that were written back.
  ///
  /// - Parameter answers: Their users are those of the cases, which are set here.
  init(
    _ subject: Subject, datasetUsers: [Int32], places: LazyValues<Int>,
    _ answers: ReconstructionAnswers, of split: Split
  ) {
    let plain = ScoredCases(
      subject, datasetUsers: datasetUsers, places: places, .ranks([], mark: nil))
    var answers = answers
    answers.users = plain.users
    self.init(
      prefix: "", subject: subject, users: plain.users, datasetUsers: plain.datasetUsers,
      places: places, answers: .sequences(answers), split: split)
  }

  private init(
    prefix: String, subject: Subject, users: [Int32], datasetUsers: [Int32],
    places: LazyValues<Int>, answers: Answers, split: Split?
  ) {
    self.split = split
    (self.prefix, self.subject, self.users) = (prefix, subject, users)
    (self.datasetUsers, self.places, self.answers) = (datasetUsers, places, answers)
  }

  /// The ranks of a part's targets.
  ///
  /// - Parameters:
  ///   - ranks: In the order of `Split/users(of:)`; then the misses.
  ///   - split: The split.
  ///   - part: The part of the split.
  ///   - mark: What follows the names of metrics; see `SampledRanks/mark`.
  public init(ranks: [Int], of split: Split, _ part: Split.Part, mark: String? = nil) {
    // There may be tens of millions: one list of users, and places as they are needed.
    var users = split.users(of: part)
    users += repeatElement(-1, count: max(0, ranks.count - users.count))
    let places = LazyValues(count: users.count) { [users] in
      users[$0] < 0 ? -1 : split.targetPlace(of: Int(users[$0]), for: part)
    }
    self.init(
      prefix: "", subject: .event, users: (0..<Int32(users.count)).map { $0 },
      datasetUsers: users, places: places, answers: .ranks(ranks, mark: mark),
      split: split)
  }

  /// The same as a part of several tasks.
  func named(of part: String) -> ScoredCases {
    ScoredCases(
      prefix: "\(part) ", subject: subject, users: users, datasetUsers: datasetUsers,
      places: places, answers: answers,
      split: split)
  }

  /// The same cases with other outputs of the goal.
  func answering(_ goal: RowGoal, outputs: [Float]) -> ScoredCases {
    guard case .rows(_, _, let truths) = answers else {
      preconditionFailure("ScoredCases: ranks have no outputs")
    }
    return ScoredCases(
      prefix: prefix, subject: subject, users: users, datasetUsers: datasetUsers, places: places,
      answers: .rows(goal, outputs: outputs, truths), split: split)
  }

  /// Some of the cases, ascending by place.
  func selecting(_ cases: [Int]) -> ScoredCases {
    ScoredCases(
      prefix: prefix, subject, datasetUsers: cases.map { datasetUsers[Int(users[$0])] },
      places: LazyValues(cases.map { places[$0] }), answers.selecting(cases), of: split)
  }

  /// Whether other answers are to the same cases.
  func hasTheSameCases(as other: ScoredCases) -> Bool {
    prefix == other.prefix && places == other.places && datasetUsers == other.datasetUsers
  }
}

extension ScoredCases.Answers {
  fileprivate func selecting(_ cases: [Int]) -> Self {
    switch self {
    case .ranks(let ranks, let mark): .ranks(cases.map { ranks[$0] }, mark: mark)
    case .rows(let goal, let outputs, let truths):
      .rows(
        goal,
        outputs: cases.flatMap { outputs[$0 * goal.outputCount..<($0 + 1) * goal.outputCount] },
        truths.selecting(cases))
    case .sequences(let answers): .sequences(answers.selecting(cases))
    }
  }
}

extension ScoredCases.Truths {
  /// The truths at known places of targets.
  init(_ targets: Targets, _ goal: RowGoal, at indices: some Collection<Int>) {
    switch targets.values {
    case .classes(let classes, _): self = .classes(indices.map { classes[$0] })
    case .numbers(let numbers):
      self =
        goal.isYesOrNo
        ? .yes(indices.map { numbers[$0] == 1 }) : .numbers(indices.map { numbers[$0] })
    case .durations(let durations, let observed):
      self = .durations(indices.map { durations[$0] }, observed: indices.map { observed[$0] })
    }
  }

  fileprivate func selecting(_ cases: [Int]) -> Self {
    switch self {
    case .yes(let labels): .yes(cases.map { labels[$0] })
    case .classes(let classes): .classes(cases.map { classes[$0] })
    case .numbers(let numbers): .numbers(cases.map { numbers[$0] })
    case .durations(let durations, let observed):
      .durations(cases.map { durations[$0] }, observed: cases.map { observed[$0] })
    }
  }
}
