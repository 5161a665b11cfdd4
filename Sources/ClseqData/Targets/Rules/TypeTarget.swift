extension TargetForm {
  /// Whether the event's type is one of several.
  public static let types = TargetForm("type=NAME,…", after: "type=") { text in
    let names = text.split(separator: ",", omittingEmptySubsequences: false).map(String.init)
    return names.contains("") ? nil : .types(names)
  }

  /// The event's type as a tag: no type is known when the question is asked.
  public static let eventType = TargetForm("event-type") { $0 == "event-type" ? .eventType : nil }

  /// The type of the user's next event.
  public static let nextType: TargetForm = TargetForm("next-type") {
    $0 == "next-type" ? .nextType : nil
  }
}

extension TargetRule {
  /// Whether the event's type is one of these.
  public static func types(_ names: [String]) -> TargetRule {
    var rule = TargetRule(.types, "type=\(names.joined(separator: ","))", of: .event) {
      source throws(DataError) in
      let (types, column) = try source.types()
      var wanted = Set<Int32>()
      for name in names {
        guard let index = types.index(of: name) else {
          throw .unknownToken(
            path: source.path, token: name,
            expected: "one of the event types "
              + (0..<types.count).map { types[$0] }.joined(separator: ", "))
        }
        wanted.insert(index)
      }
      let isWanted = (0..<Int32(types.count)).map(wanted.contains)
      return .numbers(
        LazyValues(count: column.count) { place in
          let type = Int(column[place])
          return type < 0 ? .nan : isWanted[type] ? 1 : 0
        })
    }
    rule.needsTypes = true
    return rule
  }

  /// The event's type, as a tag of every event.
  public static let eventType: TargetRule = {
    var rule = TargetRule(.eventType, "event-type", of: .event) { source throws(DataError) in
      let (types, column) = try source.types()
      return .classes(
        LazyValues(count: column.count) { column[$0] }, names: (0..<types.count).map { types[$0] })
    }
    (rule.needsTypes, rule.tagsEvents) = (true, true)
    return rule
  }()

  /// The type of the user's next event.
  public static let nextType: TargetRule = {
    var rule = TargetRule(.nextType, "next-type", of: .nextEvent) { source throws(DataError) in
      let (types, column) = try source.types()
      let isLast = LastEvents(of: source.dataset)
      return .classes(
        LazyValues(count: column.count) { isLast[$0] ? -1 : column[$0 + 1] },
        names: (0..<types.count).map { types[$0] })
    }
    rule.needsTypes = true
    return rule
  }()
}
