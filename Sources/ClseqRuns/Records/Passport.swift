public import ClseqData
import ClseqSettings

/// The protocol by which scores were made. A figure without it means nothing: it is stored and
/// printed with every score, and scores with unlike passports are not compared.
public struct Passport: Codable, Sendable {
  // What the scores depend on, and must be the same in a comparison
  /// The task, with its target where there is one: `next-item`, `click label>=4`.
  public var task: String
  /// Hash of the log's content, with the name of the hash.
  public var dataHash: String
  /// Hash of the users and their events, and of what truths are taken from, whatever else the log has
  /// or how it is written; nil in passports of earlier versions. Compared in place of ``dataHash``.
  public var eventsHash: String?
  /// Users that are evaluated.
  public var users: Int
  /// Items that are ranked.
  public var items: Int
  /// Events of those users.
  public var events: Int
  /// `leave-one-out`.
  public var split: String
  /// How events with equal times are ordered.
  public var timeTieRule: String
  /// How an item with the target's score counts.
  public var scoreTieRule: String
  /// Whether items that the user has seen are candidates: `exclude` or `allow`, see
  /// `ClseqData/SeenRule`; `none` where no items are ranked. Runs of earlier versions have
  /// ``oldSeenRule``.
  public var seen: String
  /// `full`: the target among all items.
  public var ranking: String

  // Differences between runs
  /// The name of the log.
  public var data: String
  /// The kind of model.
  public var model: String
  /// Events that the model sees.
  public var maxLength: Int
  /// The seed of the run.
  public var seed: UInt64
  /// The name of the device.
  public var device: String
  /// The version that trained the model.
  public var clseqVersion: String
  /// How probabilities were corrected; nil where they are as the model gives them.
  public var calibration: String?

  /// The runs that this one started from, the last first, each with its checkpoint and the hash of its
  /// events; nil where it began with random parameters.
  public var startedFrom: [String]?
  /// The run whose weights the run's adapters change; nil where the run holds all of its parameters.
  public var base: AdapterBase?

  /// The run whose scores this one has learned from, with its checkpoint and the hash of its parameters; nil
  /// without one.
  public var teacher: String?

  /// The range of times that is read from the log, `FROM..TO`, or `all`. They must be the
  /// same in a comparison.
  public var timesBetween = "all"

  // Further information
  /// How the log was read and what was left out; nil where that is not known.
  public var reading: ReadingReport?
  /// Which events statistics, bounds and tokens of inputs were taken from; nil where there are none,
  /// and in passports of earlier versions, which took them from all.
  public var inputsFittedOn: String?
  /// Users and events that training, validation and test leave out, counted by reason; empty where
  /// there are none, nil in passports of earlier versions.
  public var leftOut: [String: [String: Int]]?

  /// A passport from all its fields.
  public init(
    task: String = "next-item", dataHash: String, users: Int, items: Int, events: Int,
    split: String, timeTieRule: String,
    scoreTieRule: String, seen: String, ranking: String, data: String, model: String,
    maxLength: Int, seed: UInt64, device: String, clseqVersion: String
  ) {
    self.task = task
    self.dataHash = dataHash
    self.users = users
    self.items = items
    self.events = events
    self.split = split
    self.timeTieRule = timeTieRule
    self.scoreTieRule = scoreTieRule
    self.seen = seen
    self.ranking = ranking
    self.data = data
    self.model = model
    self.maxLength = maxLength
    self.seed = seed
    self.device = device
    self.clseqVersion = clseqVersion
  }

  /// The rule for seen items, where items are ranked; nil too for runs of earlier versions, which
  /// had another one.
  public var seenRule: SeenRule? { SeenRule(rawValue: seen) }

  /// Checks that scores with this passport may stand beside scores with another.
  ///
  /// - Throws: ``PassportMismatch`` with every field that differs.
  public func requireComparable(to other: Passport) throws(PassportMismatch) {
    let hasEventsHash = eventsHash != nil && other.eventsHash != nil
    let differences = zip(
      protocolFields(hasEventsHash: hasEventsHash),
      other.protocolFields(hasEventsHash: hasEventsHash)
    )
    .filter { $0.value != $1.value }
    .map { PassportMismatch.Difference(field: $0.name, left: $0.value, right: $1.value) }
    guard differences.isEmpty else { throw PassportMismatch(differences: differences) }
  }

  /// Checks that a run would still be trained and scored as it was begun.
  ///
  /// - Parameters:
  ///   - saved: The passport that the run was begun with.
  ///   - path: The run directory.
  /// - Throws: ``ChangedRun`` with every field that differs.
  public func requireUnchanged(since saved: Passport, of path: String) throws(ChangedRun) {
    do { try requireComparable(to: saved) } catch {
      throw ChangedRun(path: path, differences: error.differences)
    }
  }

  /// All fields as text, for a table.
  public var fields: [(name: String, value: String)] {
    let hashes = eventsHash.map { [("data_hash", dataHash), ("events_hash", $0)] }
    var all: [(name: String, value: String)] =
      [("data", data)] + (hashes ?? [("data_hash", dataHash)])
      + protocolFields(hasEventsHash: false).dropFirst()
    all += [
      ("model", model), ("max_length", "\(maxLength)"), ("seed", "\(seed)"), ("device", device),
      ("clseq_version", clseqVersion),
    ]
    if let startedFrom { all.append(("started_from", startedFrom.joined(separator: ", from "))) }
    if let teacher { all.append(("teacher", teacher)) }
    if let base { all.append(("base", base.text)) }
    if let calibration { all.append(("calibration", calibration)) }
    if let inputsFittedOn { all.append(("inputs_fitted_on", inputsFittedOn)) }
    if leftOut != nil {
      let lines = leftOutLines
      all.append(("left_out", lines.isEmpty ? "nobody" : lines.joined(separator: "; ")))
    }
    return all
  }

  /// What is left out, a line for training, validation and test each, in words; none for a part
  /// that leaves nobody out.
  public var leftOutLines: [String] {
    ["training", "validation", "test"].compactMap { part in
      guard let counts = leftOut?[part], !counts.isEmpty else { return nil }
      let reasons = counts.sorted { $0.key < $1.key }.map { "\($0.key): \($0.value)" }
      return "\(part): " + reasons.joined(separator: ", ")
    }
  }

  /// What must be equal, the hash first.
  private func protocolFields(hasEventsHash: Bool) -> [(name: String, value: String)] {
    [
      hasEventsHash ? ("events_hash", eventsHash ?? "") : ("data_hash", dataHash),
      ("task", task), ("users", "\(users)"), ("items", "\(items)"),
      ("events", "\(events)"), ("split", split), ("time_tie_rule", timeTieRule),
      ("score_tie_rule", scoreTieRule), ("seen", seen), ("ranking", ranking),
      ("times_between", timesBetween),
    ]
  }

  /// Reads a passport. Where an early version wrote no task, it is next-item, the only one then.
  public init(from decoder: any Decoder) throws {
    let fields = try decoder.container(keyedBy: CodingKeys.self)
    self.init(
      task: try fields.decodeIfPresent(String.self, forKey: .task) ?? "next-item",
      dataHash: try fields.decode(String.self, forKey: .dataHash),
      users: try fields.decode(Int.self, forKey: .users),
      items: try fields.decode(Int.self, forKey: .items),
      events: try fields.decode(Int.self, forKey: .events),
      split: try fields.decode(String.self, forKey: .split),
      timeTieRule: try fields.decode(String.self, forKey: .timeTieRule),
      scoreTieRule: try fields.decode(String.self, forKey: .scoreTieRule),
      seen: try fields.decodeIfPresent(String.self, forKey: .seen) ?? Self.oldSeen(in: decoder),
      ranking: try fields.decode(String.self, forKey: .ranking),
      data: try fields.decode(String.self, forKey: .data),
      model: try fields.decode(String.self, forKey: .model),
      maxLength: try fields.decode(Int.self, forKey: .maxLength),
      seed: try fields.decode(UInt64.self, forKey: .seed),
      device: try fields.decode(String.self, forKey: .device),
      clseqVersion: try fields.decode(String.self, forKey: .clseqVersion))
    calibration = try fields.decodeIfPresent(String.self, forKey: .calibration)
    startedFrom = try fields.decodeIfPresent([String].self, forKey: .startedFrom)
    teacher = try fields.decodeIfPresent(String.self, forKey: .teacher)
    base = try fields.decodeIfPresent(AdapterBase.self, forKey: .base)
    timesBetween = try fields.decodeIfPresent(String.self, forKey: .timesBetween) ?? "all"
    // A report in the layout of an earlier version must not make the passport unreadable.
    reading = try? fields.decodeIfPresent(ReadingReport.self, forKey: .reading)
    eventsHash = try fields.decodeIfPresent(String.self, forKey: .eventsHash)
    leftOut = try fields.decodeIfPresent([String: [String: Int]].self, forKey: .leftOut)
    inputsFittedOn = try fields.decodeIfPresent(String.self, forKey: .inputsFittedOn)
  }

  /// The rule of versions that wrote only `seen_filtered`: items of the history were left out but
  /// for the target.
  public static let oldSeenRule = "exclude all but the target"

  private static func oldSeen(in decoder: any Decoder) throws -> String {
    let fields = try decoder.container(keyedBy: OldCodingKeys.self)
    return try fields.decode(Bool.self, forKey: .seenFiltered) ? oldSeenRule : "none"
  }

  private enum OldCodingKeys: String, CodingKey { case seenFiltered = "seen_filtered" }

  private enum CodingKeys: String, CodingKey {
    case task
    case dataHash = "data_hash"
    case eventsHash = "events_hash"
    case leftOut = "left_out"
    case inputsFittedOn = "inputs_fitted_on"
    case users
    case items
    case events
    case split
    case timeTieRule = "time_tie_rule"
    case scoreTieRule = "score_tie_rule"
    case seen
    case ranking
    case data
    case model
    case maxLength = "max_length"
    case seed
    case device
    case clseqVersion = "clseq_version"
    case calibration
    case startedFrom = "started_from"
    case teacher
    case base
    case timesBetween = "times_between"
    case reading
  }
}

extension Passport: Equatable {
  /// Whether all fields are the same, however the log was read.
  public static func == (left: Passport, right: Passport) -> Bool {
    left.fields.count == right.fields.count
      && zip(left.fields, right.fields).allSatisfy { $0 == $1 }
  }
}

/// Scores that may not be compared: the fields of their passports that differ.
public struct PassportMismatch: Error, Equatable, Sendable, CustomStringConvertible {
  /// A field with its two values.
  public struct Difference: Equatable, Sendable {
    /// The name of the field, as in JSON.
    public let field: String
    /// Its value in the passport that is compared.
    public let left: String
    /// Its value in the other.
    public let right: String
  }

  /// At least one.
  public let differences: [Difference]

  /// All fields that differ, with both values.
  public var description: String {
    "scores made by unlike protocols cannot be compared: "
      + differences.map { "\($0.field) is '\($0.left)' and '\($0.right)'" }.joined(separator: ", ")
  }
}

/// A run is to be used with another log, or another way to split or to read it, than it was begun with.
public struct ChangedRun: Error, Equatable, Sendable, CustomStringConvertible {
  /// The run directory.
  public let path: String
  /// The fields of the passport that differ: first as they are now, then as they were.
  public let differences: [PassportMismatch.Difference]

  /// The run and all fields that differ.
  public var description: String {
    let isOther = differences.contains { ["data_hash", "events_hash"].contains($0.field) }
    let data = isOther ? "the log has changed since: " : ""
    return "\(path) was begun with something else: \(data)"
      + differences.map { "\($0.field) was '\($0.right)' and is '\($0.left)'" }
      .joined(separator: ", ")
  }
}
