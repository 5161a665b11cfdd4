public import ClseqBase
import ClseqData
import ClseqRuns
import ClseqSettings

extension TrainedRun {
  /// Reads a log, or maps a dataset, as the run's own was read: by the settings, with what the model
  /// takes of an event and no more, every user with an event of a known item kept.
  ///
  /// - Parameters:
  ///   - moment: From when predictions look ahead, in microseconds since 1970: events from then on are
  ///     left out and counted. Nil for the end of the run's own log, where the model predicts for users
  ///     and knows how old their events are; for other models nothing is then left out.
  ///   - omittingLast: Of each user's last events so many are left out: with one the question is
  ///     that of the test of leave-one-out, with two that of its validation.
  ///   - allowsMissingColumns: Whether what the model takes may be missing altogether.
  ///   - withTruth: Whether the true outcomes are read as well, for ``KnownTruths``.
  ///   - keepsUnknown: Whether events of items that the model does not know are kept beside, for ``AnomalyDetection``.
  ///   - progress: Receives the progress of reading a log.
  /// - Throws: `DataError` and `SettingsError`, as `TrainingSettings/loadDataset(progress:)`;
  ///   `DataError.unfit` for a log without a column that the model takes, and for events later than
  ///   the run's own log where no moment is given.
  public func loadDataset(
    at moment: Int64? = nil, omittingLast: Int = 0, allowsMissingColumns: Bool = false,
    withTruth: Bool = false, keepsUnknown: Bool = false, progress: ProgressHandler? = nil
  ) throws -> NewData {
    var settings = settings
    // Of items the model knows what the run knew.
    (settings.items, settings.itemVectors) = ("", "")
    let rules = rules(withTruth: withTruth)
    let names = userAttributes(of: rules)
    if names.isEmpty, !given.contains("users") { settings.users = "" }
    if !given.contains("attribute_kinds") {
      settings.attributeKinds = settings.attributeKinds.filter { names.contains($0.key) }
    }
    let dataset = try settings.loadDataset(needs: needs(truthsOf: rules), progress: progress)
    try layout.requireBuiltInLog(dataset, settings)
    let missing = description.inputs.missing(in: dataset)
    if let first = missing.first, !allowsMissingColumns {
      throw DataError.unfit(
        path: dataset.source.name, what: "the model takes \(first.what), and the log has none",
        expected: "them (\(first.option)), or --allow-missing-columns to take them for missing")
    }
    return try NewData(
      dataset, for: vocabulary, knownTypes: description.inputs.types,
      moment: try self.moment(moment, for: dataset), missingColumns: missing.map(\.what),
      omittedLast: omittingLast, keepsWhole: withTruth, keepsUnknown: keepsUnknown)
  }

  /// Whether the model, or with `withTruth` its target, takes attributes of users.
  public func takesUserAttributes(withTruth: Bool = false) -> Bool {
    !userAttributes(of: rules(withTruth: withTruth)).isEmpty
  }

  /// The rules whose truths are wanted.
  private func rules(withTruth: Bool) -> [TargetRule] {
    withTruth ? description.heads.compactMap { TargetRule($0.target) } : []
  }

  /// The names of the attributes of users that the model and these rules take.
  private func userAttributes(of rules: [TargetRule]) -> Set<String> {
    Set(description.inputs.users?.parts.map(\.name) ?? []).union(rules.flatMap(\.userAttributes))
  }

  /// The moment of prediction: the requested one, else the end of the run's log.
  private func moment(_ requested: Int64?, for dataset: SequenceDataset) throws -> Int64? {
    if requested != nil {
      guard dataset.times != nil else {
        throw DataError.lacks(path: dataset.source.name, what: "times", purpose: "--moment")
      }
      return requested
    }
    guard description.inputs.hasAges, let times = dataset.times else { return nil }
    let moment = try requiredMoment(requested)
    let later = times.count { $0 >= moment }
    guard later == 0 else {
      let end = dataset.momentAfterLastEvent ?? moment
      throw DataError.unfit(
        path: dataset.source.name,
        what:
          "\(later) event\(later == 1 ? " is" : "s are") later than the run's own log, which ended "
          + "before \(TimeText.iso8601(moment))",
        expected:
          "the moment from which to predict: --moment \(TimeText.iso8601(end)) is the end of "
          + "this log, --moment \(TimeText.iso8601(moment)) leaves later events out")
    }
    return moment
  }

  /// The moment that a model of users needs.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for a run of an earlier version, which kept none.
  func requiredMoment(_ requested: Int64?) throws(SettingsError) -> Int64 {
    if let moment = requested ?? description.moment { return moment }
    throw .doNotFit(
      "\(layout.path) was made by an earlier version, which kept no moment: add --moment TIME, from "
        + "when predictions look ahead")
  }

  /// - Parameter rules: Whose truths are wanted.
  private func needs(truthsOf rules: [TargetRule]) -> EventNeeds {
    var needs = EventNeeds()
    needs.types = description.inputs.types != nil
    needs.labels = description.inputs.labelBounds != nil
    needs.features.known = description.inputs.features
    var requests = description.inputs.features.map(\.request)
    for rule in rules { rule.require(in: &needs) }
    for name in rules.compactMap(\.feature) where !requests.contains(where: { $0.name == name }) {
      requests.append(FeatureRequest(name))
    }
    needs.features.requests = requests
    needs.leastUserEvents = 1
    needs.outcomesAreOptional = true
    return needs
  }
}

extension InputEncoding {
  /// Something that a model takes and a log has no column of.
  struct MissingColumn {
    /// In words, in the plural.
    let what: String
    /// What says where it is.
    let option: String
  }

  /// What is taken from columns, or tables, that a dataset does not have. Single missing values are no
  /// missing column.
  func missing(in dataset: SequenceDataset) -> [MissingColumn] {
    var missing: [MissingColumn] = []
    if types != nil, dataset.events.types == nil {
      missing.append(.init(what: "event types", option: "--type-column NAME"))
    }
    if labelBounds != nil, dataset.events.labels == nil {
      missing.append(.init(what: "labels", option: "--label-column NAME"))
    }
    if hasGaps || hasAges, dataset.times == nil {
      missing.append(.init(what: "times", option: "--time-column NAME"))
    }
    let known = Set(dataset.features.map(\.request.name))
    for feature in features where !known.contains(feature.request.name) {
      missing.append(
        .init(
          what: "numbers '\(feature.request.name)'",
          option: "a log or dataset with that feature"))
    }
    for part in users?.parts ?? [] {
      let attribute = dataset.userAttributes?[part.name]
      if attribute?.isNumeric == (part.tokens == nil) { continue }
      missing.append(
        .init(
          what: "attributes '\(part.name)' of users",
          option: "--users FILE, with that column and kind"))
    }
    return missing
  }
}
