/// The order (p, d, q) of an ARIMA model.
public struct ARIMAOrder: Sendable, Hashable, Codable {
  /// The largest p and q.
  public static let maximumLag = 5
  /// The largest d.
  public static let maximumDifferences = 2

  /// p, the number of autoregressive terms.
  public var p: Int
  /// d, how often the series is differenced.
  public var d: Int
  /// q, the number of moving-average terms.
  public var q: Int

  /// ARIMA(p, d, q).
  public init(_ p: Int, _ d: Int, _ q: Int) {
    self.p = p
    self.d = d
    self.q = q
  }

  /// p + q coefficients, the innovations' variance, and the mean where d = 0: the k of AIC.
  public var parameterCount: Int { p + q + 1 + (d == 0 ? 1 : 0) }

  /// The minimum number of values for a fit: three differences per parameter.
  public var minimumCount: Int { d + 3 * parameterCount }

  /// Whether all three numbers are within the limits.
  public var isSupported: Bool {
    (0...Self.maximumLag).contains(p) && (0...Self.maximumLag).contains(q)
      && (0...Self.maximumDifferences).contains(d)
  }
}

extension ARIMAOrder: CustomStringConvertible {
  /// Such as `ARIMA(1,0,2)`.
  public var description: String { "ARIMA(\(p),\(d),\(q))" }
}
