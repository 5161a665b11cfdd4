/// Finds implausible ids of a log.
enum TokenCensus {
  /// The maximum number of tokens that are checked.
  private static let sampleCount = 10_000

  /// A warning if ids look like numbers rounded by a spreadsheet: `1.02E+12`.
  static func roundedWarning(_ tokens: TokenTable, noun: String) -> String? {
    let sampled = min(tokens.count, sampleCount)
    guard let first = (0..<sampled).first(where: { isRounded(tokens.utf8(at: $0)) }) else {
      return nil
    }
    let count = (0..<sampled).count { isRounded(tokens.utf8(at: $0)) }
    guard 2 * count > sampled else { return nil }
    return "ids of \(noun) look rounded, such as \(tokens[first]): a program has written ids as "
      + "numbers, and different ids may have become equal"
  }

  /// A warning if one of many users has a large part of the events.
  ///
  /// - Parameter counts: Events by user.
  static func shareWarning(_ counts: [Int32], _ users: TokenTable) -> String? {
    let count = counts.reduce(0) { $0 + Int($1) }
    guard counts.count >= 10, count >= 50,
      let most = counts.indices.max(by: { counts[$0] < counts[$1] }),
      4 * Int(counts[most]) > count
    else { return nil }
    return
      "one user, \(users[most]), has \(counts[most]) of \(count) events: does the id stand for "
      + "unknown users?"
  }

  /// A warning if types differ only in upper and lower case.
  static func caseWarning(_ types: TokenTable) -> String? {
    var seen: [String: String] = [:]
    for index in 0..<types.count {
      let name = types[index]
      if let other = seen.updateValue(name, forKey: name.lowercased()) {
        return
          "event types \(other) and \(name) differ only in upper and lower case; they count as two types"
      }
    }
    return nil
  }

  /// Digits, with or without a point, then an exponent with a sign.
  private static func isRounded(_ token: ArraySlice<UInt8>) -> Bool {
    guard let mark = token.firstIndex(where: { $0 | 0x20 == UInt8(ascii: "e") }) else {
      return false
    }
    let (number, exponent) = (token[..<mark], token[(mark + 1)...])
    func isDigit(_ byte: UInt8) -> Bool { byte &- UInt8(ascii: "0") <= 9 }
    return !number.isEmpty && number.allSatisfy { isDigit($0) || $0 == UInt8(ascii: ".") }
      && exponent.first == UInt8(ascii: "+") && exponent.count >= 2
      && exponent.dropFirst().allSatisfy(isDigit)
  }
}
