extension TargetForm {
  /// The event's label, or whether it reaches a number.
  public static let label = labels("label") { .label(least: $0) }

  /// The same as a tag: no label is known when the question is asked.
  public static let eventLabel = labels("event-label") { .eventLabel(least: $0) }

  private static func labels(
    _ name: String, _ rule: @escaping @Sendable (_ least: Double?) -> TargetRule
  ) -> TargetForm {
    TargetForm("\(name), \(name)>=NUMBER") { text in
      if text == name { return rule(nil) }
      guard text.hasPrefix("\(name)>="), let least = Double(text.dropFirst(name.count + 2)),
        least.isFinite
      else { return nil }
      return rule(least)
    }
  }
}

extension TargetRule {
  /// The event's label; with a number, whether the label reaches it.
  public static func label(least: Double?) -> TargetRule { labels(.label, "label", least) }

  /// The same as a tag of every event.
  public static func eventLabel(least: Double?) -> TargetRule {
    var rule = labels(.eventLabel, "event-label", least)
    rule.tagsEvents = true
    return rule
  }

  private static func labels(_ form: TargetForm, _ name: String, _ least: Double?) -> TargetRule {
    let suffix = least.map { ">=\(Int(exactly: $0).map(String.init) ?? "\($0)")" }
    var rule = TargetRule(form, name + (suffix ?? ""), of: .event) { source throws(DataError) in
      guard let labels = source.dataset.events.labels else { throw source.lacks("labels") }
      return .numbers(
        LazyValues(count: labels.count) { place in
          guard let least, !labels[place].isNaN else { return labels[place] }
          return labels[place] >= least ? 1 : 0
        })
    }
    rule.needsLabels = true
    return rule
  }
}
