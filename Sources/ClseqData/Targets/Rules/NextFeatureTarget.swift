extension TargetForm {
  /// A feature of the next event, as the log has it.
  public static let nextFeature = TargetForm("next:FEATURE", after: "next:") { .nextFeature($0) }
}

extension TargetRule {
  /// A feature of the user's next event.
  public static func nextFeature(_ name: String) -> TargetRule {
    var rule = TargetRule(.nextFeature, "next:\(name)", of: .nextEvent) {
      source throws(DataError) in
      let column = try source.feature(name)
      let isLast = LastEvents(of: source.dataset)
      return .numbers(LazyValues(count: column.count) { isLast[$0] ? .nan : column[$0 + 1] })
    }
    rule.feature = name
    return rule
  }
}
