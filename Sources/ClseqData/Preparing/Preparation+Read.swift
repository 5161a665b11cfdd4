import ClseqBase

extension Preparation {
  /// Reads a log, or a dataset folder, after those that have been read.
  ///
  /// - Parameters:
  ///   - path: Its path.
  ///   - options: How to read a log.
  mutating func read(
    path: String, _ options: ReadingOptions
  ) throws(DataError) {
    if DatasetFolder.exists(at: path) {
      let (dataset, manifest) = try DatasetFolder.mapped(path)
      return try read(dataset, manifest, path: path)
    }
    var options = options
    if !logs.isEmpty {
      // What the first log has, and no more.
      options.columns.recognized.formIntersection(roles.union([.user, .item]))
      options.columns.features = features.compactMap(\.column)
    }
    var stream = try InteractionStream(path: path, options: options)
    try read(&stream)
  }

  /// Reads a stream to its end, and leaves out events of dropped types.
  mutating func read(_ stream: inout InteractionStream) throws(DataError) {
    stream.goOn(after: tokens)
    tokens = LogTokens()
    let firstRow = report.readEventCount
    var latestTime = Int64.min
    // By type; grows as types appear.
    var isDropped: [Bool] = []
    while let event = try stream.next() {
      if report.readEventCount == firstRow {
        try meetColumns(of: stream, hasTimes: event.time != nil)
      }
      let row = try nextRow(of: stream.path)
      if let type = event.eventType.map({ Int($0) }) {
        while isDropped.count <= type {
          isDropped.append(rules.cleaning.droppedTypes.contains(stream.eventTypes[isDropped.count]))
        }
        if isDropped[type] {
          droppedTypeCount += 1
          continue
        }
      }
      let spooled = SpooledEvent(
        user: event.user, item: event.item, time: event.time ?? 0,
        type: event.eventType.map { Int32($0) } ?? -1, row: row)
      latestTime = max(latestTime, spooled.time)
      let partition = Int(event.user) / Self.usersPerPartition
      try spool.append(spooled, to: partition)
      try details.append(spooled, of: stream, to: partition)
    }
    if logs.isEmpty { try requireSubjects(of: stream) }
    report.skippedRecordCount += stream.faultCount
    report.incompleteRecordCount += stream.incompleteCount
    reading = stream.report
    tokens = stream.tokens
    finish(path: stream.path, stream.format, hash: stream.hash.text, latestTime: latestTime)
  }

  /// The number of the next event.
  mutating func nextRow(of path: String) throws(DataError) -> UInt32 {
    report.readEventCount += 1
    if report.readEventCount & 0xFFFF == 0 {
      progress?(TaskProgress("reading", done: report.readEventCount, of: nil))
    }
    guard let row = UInt32(exactly: report.readEventCount) else {
      throw .unsupported(
        path: path, reason: "a log of more than \(UInt32.max) events; split it")
    }
    return row
  }

  /// Counts a log as read.
  mutating func finish(path: String, _ format: LogFormat, hash: String, latestTime: Int64) {
    report.readUserCount = tokens.users.count
    report.readItemCount = tokens.items.count
    reading?.events = report.readEventCount
    logs.append(
      ReadLog(
        path: path, format: format, hash: hash, lastRow: UInt32(report.readEventCount),
        latestTime: max(latestTime, logs.last?.latestTime ?? .min),
        userCount: tokens.users.count, itemCount: tokens.items.count))
  }

  /// Decides the further values of events after the columns are known.
  private mutating func meetColumns(
    of stream: borrowing InteractionStream, hasTimes: Bool
  ) throws(DataError) {
    let roles = stream.columnRoles
    guard logs.isEmpty else {
      return try requireColumns(
        roles, Set(stream.featureColumns.map(\.name)), hasTimes: hasTimes, of: stream.path)
    }
    self.hasTimes = hasTimes
    self.roles = roles
    features = rules.features.resolved(
      columns: stream.featureColumns, hasEndTimes: hasTimes && roles.contains(.endTime))
    for feature in features {
      if let column = feature.column, !stream.featureColumns.contains(column) {
        throw .lacks(path: stream.path, what: "column '\(column.name)'", purpose: "a feature")
      }
      guard let source = feature.origin.source else { continue }
      let isThere = hasTimes && (feature.origin != .duration || roles.contains(.endTime))
      guard isThere else {
        throw .lacks(path: stream.path, what: source, purpose: "the \(feature.name) of events")
      }
    }
    if sessionGap != nil && !hasTimes {
      throw .lacks(path: stream.path, what: "times", purpose: "sessions by a gap")
    }
    layOut(hasLabel: roles.contains(.label), hasSession: roles.contains(.session))
  }

  /// Fixes the further values of events.
  mutating func layOut(hasLabel: Bool, hasSession: Bool) {
    var layout = EventDetails.Layout()
    layout.featureCount = features.count { $0.column != nil }
    layout.hasDuration = features.contains { $0.origin == .duration }
    layout.hasLabel = hasLabel
    layout.hasSession = hasSession && sessionGap == nil
    details = EventDetails(layout, folder: folder, byteBudget: byteBudget / 2)
  }

  /// Checks that a log has the columns of those that it extends.
  ///
  /// - Parameters:
  ///   - roles: The roles that have a column.
  ///   - names: The features.
  mutating func requireColumns(
    _ roles: Set<ColumnRole>, _ names: Set<String>, hasTimes: Bool, of path: String
  ) throws(DataError) {
    let purpose = "an extension of \(logs[0].name)"
    guard self.hasTimes, hasTimes else {
      throw .lacks(
        path: self.hasTimes ? path : logs[0].path, what: "times",
        purpose: "an extension, which tells new events by them,")
    }
    let layout = details.layout
    let needed: [(isNeeded: Bool, role: ColumnRole, noun: String)] = [
      (tokens.eventTypes.count > 0, .eventType, "event types"), (layout.hasLabel, .label, "labels"),
      (layout.hasSession, .session, "sessions"), (layout.hasDuration, .endTime, "end times"),
    ]
    for column in needed where column.isNeeded && !roles.contains(column.role) {
      throw .lacks(path: path, what: column.noun, purpose: purpose)
    }
    for column in features.compactMap(\.column) where !names.contains(column.name) {
      throw .lacks(path: path, what: "column '\(column.name)'", purpose: purpose)
    }
  }
}
