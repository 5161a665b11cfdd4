extension Preparation {
  /// Checks that the log has the columns and types that rules of cleaning need: a rule that can drop
  /// nothing is probably a mistake.
  func requireSubjects(of stream: borrowing InteractionStream) throws(DataError) {
    let rules = rules.cleaning
    if rules.maxEventsPerHour != nil, report.readEventCount > 0, !hasTimes {
      throw .lacks(path: stream.path, what: "times", purpose: "max-events-per-hour")
    }
    let types = (0..<stream.eventTypes.count).map { stream.eventTypes[$0] }
    guard let unknown = rules.droppedTypes.first(where: { !types.contains($0) }) else { return }
    guard stream.columnRoles.contains(.eventType) else {
      throw .lacks(path: stream.path, what: "event types", purpose: "drop-event")
    }
    let names = types.prefix(20).map { "'\($0)'" }
    throw .unfit(
      path: stream.path, what: "drop-event names '\(unknown)', and no event has that type",
      expected: "some of \(names.joined(separator: ", "))")
  }
}
