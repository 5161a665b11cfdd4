/// How the values of a setting are written as text, and read back.
public struct ValueForm<Value: Sendable>: Sendable {
  /// The valid values, for messages: "an integer from 1 to 100".
  public let expected: String
  /// The value's placeholder in the help; nil for a switch that takes no value.
  public let placeholder: String?
  /// All values, where they can be listed; else empty.
  public let choices: [String]
  /// Whether values are text, and neither numbers nor switches.
  public let isText: Bool
  /// The value of a text; nil for a text that is not as ``expected``.
  public let parse: @Sendable (String) -> Value?
  /// The text that ``parse`` reads back.
  public let text: @Sendable (Value) -> String

  /// A form of its own.
  public init(
    expected: String, placeholder: String?, choices: [String] = [], isText: Bool,
    parse: @escaping @Sendable (String) -> Value?, text: @escaping @Sendable (Value) -> String
  ) {
    (self.expected, self.placeholder, self.choices) = (expected, placeholder, choices)
    (self.isText, self.parse, self.text) = (isText, parse, text)
  }
}

extension ValueForm where Value: FixedWidthInteger {
  /// An integer of a range.
  public static func integer(_ range: ClosedRange<Value>) -> ValueForm {
    ValueForm(
      expected: range.upperBound == .max
        ? "an integer from \(range.lowerBound)"
        : "an integer from \(range.lowerBound) to \(range.upperBound)",
      placeholder: "integer", isText: false,
      parse: { Value($0).flatMap { range.contains($0) ? $0 : nil } }, text: { String($0) })
  }
}

extension ValueForm<Double> {
  /// A number of a range.
  public static func number(_ range: Range<Double>) -> ValueForm {
    ValueForm(
      expected: range.upperBound == .infinity
        ? "a number from \(brief(range.lowerBound))"
        : "a number from \(brief(range.lowerBound)) to below \(brief(range.upperBound))",
      placeholder: "number", isText: false,
      parse: { Double($0).flatMap { range.contains($0) ? $0 : nil } }, text: { brief($0) })
  }

  /// A number without a fraction of zero.
  private static func brief(_ value: Double) -> String {
    Int(exactly: value).map { String($0) } ?? String(value)
  }
}

extension ValueForm where Value: RawRepresentable & CaseIterable, Value.RawValue == String {
  /// One of the values of a type.
  public static var choice: ValueForm {
    let names = Value.allCases.map(\.rawValue)
    return ValueForm(
      expected: names.count == 1
        ? "'\(names[0])'" : "one of " + names.map { "'\($0)'" }.joined(separator: ", "),
      placeholder: names.joined(separator: "|"), choices: names, isText: true,
      parse: { Value(rawValue: $0) }, text: { $0.rawValue })
  }
}

extension ValueForm<String> {
  /// Any text.
  public static func text(_ placeholder: String) -> ValueForm {
    ValueForm(
      expected: "text", placeholder: placeholder, isText: true, parse: { $0 }, text: { $0 })
  }
}

extension ValueForm<Bool> {
  /// A switch.
  public static var toggle: ValueForm {
    ValueForm(
      expected: "'true' or 'false'", placeholder: nil, isText: false, parse: { Bool($0) },
      text: { String($0) })
  }
}

extension ValueForm<[Int]> {
  /// Sizes of layers, at least one.
  public static func sizes(_ range: ClosedRange<Int>) -> ValueForm {
    ValueForm(
      expected: "sizes from \(range.lowerBound) to \(range.upperBound), as in 128,64",
      placeholder: "size,…", isText: true,
      parse: { text in
        let entries = text.split(separator: ",", omittingEmptySubsequences: false)
        let sizes = entries.compactMap { Int($0) }.filter(range.contains)
        return sizes.count == entries.count ? sizes : nil
      }, text: { $0.map(String.init).joined(separator: ",") })
  }
}
