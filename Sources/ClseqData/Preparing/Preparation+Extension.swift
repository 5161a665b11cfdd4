import ClseqBase

extension Preparation {
  /// Reads a dataset: the first, whose users and items keep their order, or one that extends others.
  mutating func read(
    _ dataset: SequenceDataset, _ manifest: DatasetManifest, path: String
  ) throws(DataError) {
    guard !dataset.vocabulary.hasUnknown else {
      throw .unfit(
        path: path, what: "its rare items have no ids any more (--rare-item-events)",
        expected: "a dataset with the ids of all items; prepare old and new logs together")
    }
    try meetColumns(of: dataset, manifest, path: path)
    let users = Self.intern(dataset.users, into: &tokens.users)
    let items = Self.intern(dataset.vocabulary.tokens, into: &tokens.items)
    let types = dataset.types.map { Self.intern($0, into: &tokens.eventTypes) } ?? []
    let columns = features.filter { $0.column != nil }.compactMap(dataset.column)
    let durations = features.first { $0.origin == .duration }.flatMap(dataset.column)
    var latestTime = Int64.min
    for user in 0..<dataset.userCount {
      let partition = Int(users[user]) / Self.usersPerPartition
      for place in dataset.places(of: user) {
        let type = dataset.events.types?[place] ?? -1
        let event = SpooledEvent(
          user: users[user], item: items[Int(dataset.items[place]) - 1],
          time: dataset.times?[place] ?? 0, type: type < 0 || types.isEmpty ? -1 : types[Int(type)],
          row: try nextRow(of: path))
        latestTime = max(latestTime, event.time)
        try spool.append(event, to: partition)
        try details.append(
          event, of: dataset.events, numbers: columns, durations: durations, at: place,
          to: partition)
      }
    }
    reading = dataset.source.reading
    reading?.leftOut = []
    if logs.isEmpty { base = dataset }
    finish(path: path, dataset.source.format, hash: dataset.source.hash, latestTime: latestTime)
  }

  /// Decides what is known of events, by the first dataset, or checks that a later one has it.
  private mutating func meetColumns(
    of dataset: SequenceDataset, _ manifest: DatasetManifest, path: String
  ) throws(DataError) {
    var roles: Set<ColumnRole> = [.user, .item]
    let events = dataset.events
    if events.times != nil { roles.insert(.time) }
    if dataset.types != nil { roles.insert(.eventType) }
    if events.labels != nil { roles.insert(.label) }
    if events.sessions != nil { roles.insert(.session) }
    let requests = dataset.features.map(\.request)
    if requests.contains(where: { $0.origin == .duration }) { roles.insert(.endTime) }
    guard logs.isEmpty else {
      return try requireColumns(
        roles, Set(requests.map(\.name)), hasTimes: events.times != nil, of: path)
    }
    hasTimes = events.times != nil
    self.roles = roles
    features = requests
    sessionGap = sessionGap ?? manifest.sessionGap
    layOut(hasLabel: roles.contains(.label), hasSession: roles.contains(.session))
  }

  /// The indices of a dataset's tokens among those of all logs.
  private static func intern(_ table: TokenTable, into all: inout TokenTable) -> [Int32] {
    (0..<table.count).map { index in
      table.utf8(at: index).withUnsafeBytes { all.intern($0) }
    }
  }

  /// How the last log extends those before it; nil of one log.
  ///
  /// - Parameters:
  ///   - added: Its remaining events, and those of them that are older than the latest event before.
  ///   - users: The remaining users, as indices of tokens.
  ///   - items: The remaining items.
  func extensionReport(
    added: (events: Int, late: Int), users: [Int32], items: [Int32]
  ) -> ReadingReport.Extension? {
    guard logs.count > 1 else { return nil }
    let before = logs[logs.count - 2]
    var row: UInt32 = 0
    let earlier = logs.dropLast().map { log in
      defer { row = log.lastRow }
      return ReadingReport.Extension.Log(
        name: log.name, hash: log.hash, events: Int(log.lastRow - row))
    }
    return ReadingReport.Extension(
      earlier: earlier, added: added.events, late: added.late,
      users: users.count { Int($0) >= before.userCount },
      items: items.count { Int($0) >= before.itemCount })
  }
}

extension SequenceDataset {
  /// The numbers of a feature; nil where there is none of the request's name.
  fileprivate func column(of request: FeatureRequest) -> Column<Double>? {
    features.firstIndex { $0.request.name == request.name }.map { events.features[$0] }
  }
}
