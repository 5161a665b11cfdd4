extension TargetForm {
  /// Whether no event follows within the horizon.
  public static let churn: TargetForm = TargetForm("churn") { $0 == "churn" ? .churn : nil }

  /// The number of events within the horizon.
  public static let futureCount: TargetForm = TargetForm("future-count") {
    $0 == "future-count" ? .futureCount : nil
  }

  /// The sum of a feature over the events within the horizon.
  public static let futureSum = TargetForm("future-sum:FEATURE", after: "future-sum:") {
    .futureSum($0)
  }
}

extension TargetRule {
  /// Whether no event follows within the horizon.
  public static let churn: TargetRule = {
    var rule = TargetRule(.churn, "churn", of: .user) { source throws(DataError) in
      try source.future { $0.isEmpty ? 1 : 0 }
    }
    rule.hasHorizon = true
    return rule
  }()

  /// The number of events within the horizon.
  public static let futureCount: TargetRule = {
    var rule = TargetRule(.futureCount, "future-count", of: .user) { source throws(DataError) in
      try source.future { Double($0.count) }
    }
    rule.hasHorizon = true
    return rule
  }()

  /// The sum of a feature over the events within the horizon; one that is missing counts 0.
  public static func futureSum(_ name: String) -> TargetRule {
    var rule = TargetRule(.futureSum, "future-sum:\(name)", of: .user) {
      source throws(DataError) in
      let column = try source.feature(name)
      return try source.future { places in
        places.reduce(0) { $0 + (column[$1].isNaN ? 0 : column[$1]) }
      }
    }
    (rule.hasHorizon, rule.feature) = (true, name)
    return rule
  }
}
