/// How many malformed records of a log are passed over before one is an error.
public enum FaultTolerance: Sendable, Equatable {
  /// At most so many.
  case count(Int)
  /// At most this share of all records, above 0 and at most 1; told at the end of the log.
  case share(Double)

  /// None, which is to say that the first is an error.
  public static let none = FaultTolerance.count(0)

  /// A count (`10`), a share (`1%`) or `all`; nil for anything else.
  public init?(_ text: String) {
    if text == "all" {
      self = .share(1)
    } else if text.hasSuffix("%") {
      guard let percent = Double(text.dropLast()), percent > 0, percent <= 100 else { return nil }
      self = .share(percent / 100)
    } else {
      guard let count = Int(text), count >= 0 else { return nil }
      self = .count(count)
    }
  }

  /// What ``init(_:)`` takes back.
  public var text: String {
    switch self {
    case .count(let count): "\(count)"
    case .share(1): "all"
    case .share(let share):
      share * 100 == (share * 100).rounded() ? "\(Int(share * 100))%" : "\(share * 100)%"
    }
  }

  /// Whether one more may be passed over while reading.
  func allows(after count: Int) -> Bool {
    switch self {
    case .count(let most): count < most
    case .share: true
    }
  }

  /// Checks at the end of a log, or a table, that no more were passed over than may be.
  ///
  /// - Throws: `DataError.unfit`.
  func check(
    _ faultCount: Int, of recordCount: Int, first: DataError?, path: String
  ) throws(DataError) {
    guard case .share(let share) = self, Double(faultCount) > share * Double(recordCount) else {
      return
    }
    throw .unfit(
      path: path,
      what: "\(faultCount) of \(recordCount) records are malformed"
        + (first.map { ", the first: \($0)" } ?? ""), expected: "at most \(text)")
  }
}
