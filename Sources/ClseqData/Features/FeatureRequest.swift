/// A number that every event of a dataset gets.
public struct FeatureRequest: Sendable, Equatable, Hashable, Codable {
  /// The origin of the number.
  public enum Origin: String, Sendable, Codable, CaseIterable {
    /// A column of numbers.
    case column
    /// A column of times, in seconds since 1970, UTC.
    case timeColumn = "time-column"
    /// Seconds from the time to the end time.
    case duration
    /// Seconds since the user's previous event; missing for the first one.
    case gap
    /// The hour of the day, 0…23, UTC.
    case hour
    /// The day of the week, 0 for Monday … 6 for Sunday, UTC.
    case weekday

    /// Numbers derived from times.
    public static let derived: [Origin] = [.duration, .gap, .hour, .weekday]
  }

  /// The feature's name: that of the column, or of the origin.
  public var name: String
  /// Where the number comes from.
  public var origin: Origin
  /// The scaling of the number.
  public var scaling: FeatureScaling

  /// A column of the log.
  public init(_ column: FeatureColumn, _ scaling: FeatureScaling = .standardize) {
    name = column.name
    origin = column.kind == .number ? .column : .timeColumn
    self.scaling = scaling
  }

  /// A number that is derived from times.
  public init(derived origin: Origin, _ scaling: FeatureScaling = .standardize) {
    (name, self.origin, self.scaling) = (origin.rawValue, origin, scaling)
  }

  /// A column, or a number that is derived from times by its name, from `NAME` or `NAME:SCALING`.
  public init(_ text: String) {
    let scaling = FeatureScaling.allCases.first { text.hasSuffix(":\($0.rawValue)") }
    let name = scaling.map { String(text.dropLast($0.rawValue.count + 1)) } ?? text
    if let origin = Origin(rawValue: name), Origin.derived.contains(origin) {
      self.init(derived: origin, scaling ?? .standardize)
    } else {
      self.init(FeatureColumn(name), scaling ?? .standardize)
    }
  }

  /// The text that ``init(_:)`` takes back, for a column of numbers or a derived number.
  public var text: String { scaling == .standardize ? name : "\(name):\(scaling.rawValue)" }

  /// The column that the number is read from; nil for one that is derived.
  var column: FeatureColumn? {
    switch origin {
    case .column: FeatureColumn(name)
    case .timeColumn: FeatureColumn(name, kind: .time)
    case .duration, .gap, .hour, .weekday: nil
    }
  }
}

/// The scaling of a feature's numbers for models.
public enum FeatureScaling: String, Sendable, Codable, CaseIterable {
  /// Unchanged.
  case none
  /// Minus the mean, divided by the standard deviation.
  case standardize
  /// From 0 for the minimum to 1 for the maximum.
  case minMax = "min-max"
  /// sign(x) ln(1 + |x|).
  case log
}

/// The features of a dataset.
public struct FeatureRules: Sendable, Equatable {
  /// The features; nil for the known ones or, if there are none, the recognised columns of numbers and,
  /// if the log has end times, the duration.
  public var requests: [FeatureRequest]?
  /// The share of each feature's numbers, below and above, that is clipped to the quantile there;
  /// from 0 to below 0.5.
  public var clippedShare = 0.0
  /// The features of another dataset, with its statistics; nil for statistics of this one.
  public var known: [Feature]?

  /// Recognised columns, without clipping.
  public init() {}

  /// No features.
  static let none: FeatureRules = {
    var rules = FeatureRules()
    rules.requests = []
    return rules
  }()

  /// The columns of numbers to read; nil to recognise them.
  var columns: [FeatureColumn]? {
    (requests ?? known?.map(\.request))?.compactMap(\.column)
  }

  /// The requested features, columns first.
  ///
  /// - Parameters:
  ///   - columns: The columns that are read.
  ///   - hasEndTimes: Whether a duration can be derived.
  func resolved(columns: [FeatureColumn], hasEndTimes: Bool) -> [FeatureRequest] {
    if let asked = requests ?? known?.map(\.request) {
      return asked.filter { $0.column != nil } + asked.filter { $0.column == nil }
    }
    return columns.map { FeatureRequest($0) }
      + (hasEndTimes ? [FeatureRequest(derived: .duration)] : [])
  }
}
