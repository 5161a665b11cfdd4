import ClseqBase
import ClseqData
import ClseqModels
import ClseqSettings

/// What vectors stand for, and how the states of a model become one of them.
public struct VectorRequest: Sendable, Equatable {
  /// What a vector stands for.
  public enum Subject: Sendable, Equatable {
    /// All events of a user.
    case users
    /// The events of a session alone.
    case sessions
    /// A stretch of `length` events of a user alone; each begins `step` events after the one before, the first with
    /// the user's first event.
    case windows(length: Int, step: Int)
  }

  /// How states become a vector.
  public enum Reduction: String, Sendable, CaseIterable {
    /// The state from which the model predicts: that after the last event, of a mask behind it, of a summary, or the
    /// pooled one of a run with pooling.
    case last
    /// The mean of the states of all events.
    case mean
    /// The code from which a model that compresses sequences writes them back: that of their events, or the mean of
    /// its distribution.
    case code

    /// That of a whole sequence where nothing else is said: the code of a model that compresses sequences, and the mean of
    /// any other.
    public static func ofAllEvents(of run: TrainedRun) -> Reduction {
      run.settings.model.kind?.compresses ?? false ? .code : .mean
    }
  }

  /// What a vector stands for.
  public let subject: Subject
  /// How states become a vector; nil for the code of a model that compresses sequences, and ``Reduction/last`` of any other.
  public let reduction: Reduction?

  /// A request.
  public init(_ subject: Subject, reducedTo reduction: Reduction? = nil) {
    if case .windows(let length, let step) = subject {
      precondition(length > 0 && step > 0, "VectorRequest: windows of \(length) by \(step)")
    }
    (self.subject, self.reduction) = (subject, reduction)
  }

  /// Checks that a run gives such vectors of a dataset.
  ///
  /// - Throws: `SettingsError.doNotFit`, `DataError.unfit` for data without sessions.
  func requireVectors(of run: TrainedRun, in dataset: SequenceDataset) throws {
    let name = run.settings.model.rawValue
    guard let kind = run.settings.model.kind else {
      throw SettingsError.doNotFit(
        "\(run.layout.path) is the baseline \(name), which has no vectors: they come from a model that is trained"
      )
    }
    guard !kind.needsCandidate else {
      throw SettingsError.doNotFit(
        "\(name) weighs a history by a candidate, so that a user has no vector of their own: 'clseq embed --of items' "
          + "gives those of items")
    }
    guard (reduction ?? .code == .code) || !kind.compresses else {
      throw SettingsError.doNotFit(
        "\(name) compresses a sequence to a code, which is its vector: leave out --vector \(reduction?.rawValue ?? "")"
      )
    }
    guard reduction != .code || kind.compresses else {
      throw SettingsError.doNotFit(
        "\(name) has no codes: they come from --task reconstruct; leave out --vector code")
    }
    guard reduction != .mean || !kind.writes else {
      throw SettingsError.doNotFit(
        "\(name) has states of the events that it writes alone: leave out --vector mean")
    }
    try subject.require(of: run, in: dataset)
  }
}

extension VectorRequest.Subject {
  /// The names of the numbers that tell a stretch from the others of its user.
  public var numberNames: [String] {
    switch self {
    case .users: []
    case .sessions: ["session"]
    case .windows: ["first", "last"]
    }
  }

  /// These numbers, all from 1.
  ///
  /// - Parameters:
  ///   - number: The number of the stretch among those of the user, from 0.
  ///   - events: Its events among those of the user, from 0.
  public func numbers(of number: Int, _ events: Range<Int>) -> [Int] {
    switch self {
    case .users: []
    case .sessions: [number + 1]
    case .windows: [events.lowerBound + 1, events.upperBound]
    }
  }

  /// The id of a stretch: the user, `USER:SESSION` or `USER:FIRST-LAST`.
  public static func id(_ user: String, _ numbers: [Int]) -> String {
    numbers.isEmpty ? user : "\(user):" + numbers.map(String.init).joined(separator: "-")
  }

  /// The stretches of a user's events, one after another.
  ///
  /// - Parameters:
  ///   - user: From 0.
  ///   - dataset: With sessions, where stretches are sessions.
  func stretches(of user: Int, in dataset: SequenceDataset) -> [Range<Int>] {
    let places = Int(dataset.offsets[user])..<Int(dataset.offsets[user + 1])
    switch self {
    case .users: return [places]
    case .sessions:
      guard let sessions = dataset.events.sessions else { return [] }
      let starts = places.filter {
        $0 == places.lowerBound || sessions[$0] != sessions[$0 - 1]
      }
      return zip(starts, starts.dropFirst() + [places.upperBound]).map { $0..<$1 }
    case .windows(let length, let step):
      return stride(from: places.lowerBound, through: places.upperBound - length, by: step).map {
        $0..<$0 + length
      }
    }
  }

  /// Checks that a dataset can be cut so for a run.
  ///
  /// - Throws: `SettingsError.doNotFit` for windows that are longer than the model sees, `DataError.unfit` for data
  ///   without sessions.
  func require(of run: TrainedRun, in dataset: SequenceDataset) throws {
    switch self {
    case .users: break
    case .sessions:
      guard dataset.events.sessions != nil else {
        throw DataError.unfit(
          path: dataset.source.name, what: "it has no sessions",
          expected:
            "their column (--session-column), or a time without an event after which a session ends "
            + "(--session-gap 30m)")
      }
    case .windows(let length, _):
      guard length <= run.settings.maxLength else {
        throw SettingsError.doNotFit(
          "windows have \(length) events, and the model sees \(run.settings.maxLength): use at most as many"
        )
      }
    }
  }
}
