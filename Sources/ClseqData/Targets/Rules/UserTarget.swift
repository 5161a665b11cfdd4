extension TargetForm {
  /// An attribute of the user: a number or one of several tokens.
  public static let userAttribute = TargetForm("user:ATTRIBUTE", after: "user:") { text in
    text.contains("/") ? nil : .userAttribute(text)
  }

  /// A duration, and whether it ended or is censored.
  public static let userDuration = TargetForm("user:DURATION/OBSERVED", after: "user:") { text in
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
    guard parts.count == 2, !parts.contains("") else { return nil }
    return .userDuration(parts[0], observed: parts[1])
  }
}

extension TargetRule {
  /// An attribute of the user.
  public static func userAttribute(_ name: String) -> TargetRule {
    var rule = TargetRule(.userAttribute, "user:\(name)", of: .user) { source throws(DataError) in
      let attribute = try source.attribute(name)
      switch attribute.values {
      case .tokens(let codes):
        return .classes(
          LazyValues(codes.map { $0 - 1 }),
          names: (0..<attribute.tokens.count).map { attribute.tokens[$0] })
      case .floats(let numbers): return .numbers(LazyValues(Array(numbers)))
      case .tokenSequences, .floatSequences: preconditionFailure("one value per user")
      }
    }
    rule.userAttributes = [name]
    return rule
  }

  /// An attribute that is a duration, and one that is 1 where it ended and 0 where it is censored.
  public static func userDuration(_ name: String, observed: String) -> TargetRule {
    var rule = TargetRule(.userDuration, "user:\(name)/\(observed)", of: .user) {
      source throws(DataError) in
      func numbers(_ name: String) throws(DataError) -> [Double] {
        guard case .floats(let numbers) = try source.attribute(name).values else {
          throw .unfit(path: source.path, what: "attribute '\(name)'", expected: "numbers")
        }
        return Array(numbers)
      }
      let (durations, ends) = (try numbers(name), try numbers(observed))
      guard durations.allSatisfy({ $0.isNaN || $0 >= 0 }) else {
        throw .unfit(path: source.path, what: "attribute '\(name)'", expected: "durations from 0")
      }
      guard ends.allSatisfy({ $0.isNaN || $0 == 0 || $0 == 1 }) else {
        throw .unfit(path: source.path, what: "attribute '\(observed)'", expected: "0 and 1 alone")
      }
      let known = zip(durations, ends).map { $1.isNaN ? .nan : $0 }
      return .durations(LazyValues(known), observed: LazyValues(ends.map { $0 == 1 }))
    }
    rule.userAttributes = [name, observed]
    return rule
  }
}
