import ClseqBase
import ClseqData

// MARK: - Values with a text of their own

extension Setting {
  /// A value that a text makes, checked when it is set.
  ///
  /// - Parameter expected: What a text must be, for messages.
  static func value<Value: CustomStringConvertible & Sendable>(
    _ key: String, _ path: any Path<Value>, _ valueName: String, expected: String,
    _ parse: @escaping @Sendable (String) -> Value?, _ help: String, _ scope: Scope = .run
  ) -> Setting {
    value(
      key, path, valueName, expected: expected, parse, show: { $0.description }, help, scope)
  }

  private static func value<Value: Sendable>(
    _ key: String, _ path: any Path<Value>, _ valueName: String, expected: String,
    _ parse: @escaping @Sendable (String) -> Value?,
    show: @escaping @Sendable (Value) -> String, _ help: String, _ scope: Scope = .run
  ) -> Setting {
    Setting(
      key, path,
      ValueForm(
        expected: expected, placeholder: valueName, isText: true, parse: parse, text: show),
      help, scope)
  }

  /// Seconds, from a number with a unit.
  static func duration(
    _ key: String, _ path: any Path<Double>, _ help: String, _ scope: Scope = .run
  ) -> Setting {
    value(
      key, path, "duration", expected: DurationText.expected, DurationText.seconds,
      show: DurationText.text, help, scope)
  }

  /// A time, or a share of events.
  static func timePoint(
    _ key: String, _ path: any Path<TimePoint>, _ help: String
  ) -> Setting {
    value(key, path, "time", expected: TimePoint.expected, TimePoint.init, help)
  }

  /// The same, or nothing.
  static func optionalTimePoint(
    _ key: String, _ path: any Path<TimePoint?>, _ help: String
  ) -> Setting {
    value(
      key, path, "time", expected: TimePoint.expected,
      { text in text.isEmpty ? .some(nil) : TimePoint(text).map { .some($0) } },
      show: { $0?.description ?? "" }, help)
  }

  /// How times are written.
  static func timeFormat(
    _ key: String, _ path: any Path<TimeFormat>, _ help: String
  ) -> Setting {
    value(
      key, path, "format",
      expected: "auto, s, ms, us, ns, iso8601, yyyymmdd, or a pattern with %Y, %m and %d",
      { text in try? TimeFormat(text) }, show: \.text, help)
  }

  /// Times from one to another, or all.
  static func timeRange(
    _ key: String, _ path: any Path<TimeRange?>, _ help: String
  ) -> Setting {
    value(
      key, path, "from..to",
      expected:
        "FROM..TO in days or times of ISO 8601, such as 2017-11-25..2017-12-03 or 2017-11-25..",
      { text in text.isEmpty ? .some(nil) : (try? TimeRange(text)).map { .some($0) } },
      show: { $0?.text ?? "" }, help)
  }

  /// Where a truth stands, or nothing.
  static func target(_ key: String, _ path: any Path<TargetRule?>, _ help: String) -> Setting {
    value(
      key, path, "rule",
      expected:
        "label, label>=NUMBER, type=NAME,…, event-label, event-label>=NUMBER, event-type, "
        + "next-type, next:FEATURE, return, user:ATTRIBUTE, user:DURATION/OBSERVED, churn, future-count or future-sum:FEATURE",
      { text in text.isEmpty ? .some(nil) : TargetRule(text).map { .some($0) } },
      show: { $0?.text ?? "" }, help)
  }

  /// Numbers of events, each once.
  static func features(
    _ key: String, _ path: any Path<[FeatureRequest]>, _ help: String
  ) -> Setting {
    let scalings = FeatureScaling.allCases.map(\.rawValue).joined(separator: ", ")
    return value(
      key, path, "column[:scaling],…",
      expected: "columns, each once and perhaps with a scaling (\(scalings)), as in price:log,hour",
      { text in
        if text.isEmpty { return [] }
        let entries = text.split(separator: ",", omittingEmptySubsequences: false)
        let requests = entries.map { FeatureRequest(String($0)) }
        let names = Set(requests.map(\.name))
        return names.count == requests.count && !names.contains("") ? requests : nil
      }, show: { $0.map(\.text).joined(separator: ",") }, help)
  }

  /// Kinds by the names of attributes.
  static func attributeKinds(
    _ key: String, _ path: any Path<[String: AttributeKind]>, _ help: String, _ scope: Scope
  ) -> Setting {
    let kinds = AttributeKind.allCases.map(\.rawValue).joined(separator: ", ")
    return value(
      key, path, "name=kind,…", expected: "NAME=KIND,…, each kind one of \(kinds)",
      { text in
        var named: [String: AttributeKind] = [:]
        if text.isEmpty { return named }
        for entry in text.split(separator: ",", omittingEmptySubsequences: false) {
          guard let sign = entry.lastIndex(of: "="), sign > entry.startIndex,
            let kind = AttributeKind(rawValue: String(entry[entry.index(after: sign)...])),
            named.updateValue(kind, forKey: String(entry[..<sign])) == nil
          else { return nil }
        }
        return named
      },
      show: { kinds in
        kinds.sorted { $0.key < $1.key }.map { "\($0)=\($1.rawValue)" }.joined(separator: ",")
      }, help, scope)
  }
}
