extension TargetForm {
  /// The event's label, or whether it reaches a number.
  public static let label = TargetForm("label, label>=NUMBER") { text in
    if text == "label" { return .label(least: nil) }
    guard text.hasPrefix("label>="), let least = Double(text.dropFirst("label>=".count)),
      least.isFinite
    else { return nil }
    return .label(least: least)
  }
}

extension TargetRule {
  /// The event's label; with a number, whether the label reaches it.
  public static func label(least: Double?) -> TargetRule {
    let suffix = least.map { ">=\(Int(exactly: $0).map(String.init) ?? "\($0)")" }
    var rule = TargetRule(.label, "label\(suffix ?? "")", of: .event) {
      source throws(DataError) in
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
