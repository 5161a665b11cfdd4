public import ClseqBase

extension ShopLog {
  /// The truth about a user of a log with an end.
  public struct UserLabel: Sendable, Equatable {
    /// Whether the user left for good.
    public let isChurned: Bool
    /// When, in seconds since 1970: no event is at this time or later. The log's end for a user who
    /// is still there (a censored time).
    public let churnTime: Int
    /// The user's anomaly, if any.
    public let anomaly: ShopAnomaly?
    /// The time from which someone else has the account; only of a ``ShopAnomaly/takeover``.
    public let takeoverTime: Int?
  }

  /// The truth about a user (from 0); nil for a log without an end.
  public func label(of user: Int) -> UserLabel? {
    guard let calendar else { return nil }
    let history = ShopHistory(
      user: user, taste: Shopper(user: user, of: self).taste, of: self, calendar)
    return UserLabel(
      isChurned: history.churnTime != nil, churnTime: history.churnTime ?? calendar.end,
      anomaly: history.anomaly, takeoverTime: history.takeoverTime)
  }

  /// Writes the truth about every user as RecBole `.user`, with the columns `user_id`, `churned`
  /// (0 or 1), `churn_time` (see ``UserLabel/churnTime``) and `anomaly` (`none` or a
  /// ``ShopAnomaly``).
  ///
  /// - Returns: False, and nothing is written, for a log without an end.
  /// - Throws: `FileError`.
  public func writeLabels(to path: String) throws(FileError) -> Bool {
    guard calendar != nil else { return false }
    let writer = try WholeFile(path, whereTaken: .isReplaced)
    try writer.append(
      "user_id:token\tchurned:float\tchurn_time:float\tanomaly:token\n".utf8)
    for user in 0..<userCount {
      guard let label = label(of: user) else { continue }
      let anomaly = label.anomaly?.rawValue ?? "none"
      let line = "u\(user + 1)\t\(label.isChurned ? 1 : 0)\t\(label.churnTime)\t\(anomaly)\n"
      try writer.append(line.utf8)
    }
    try writer.finish()
    return true
  }
}
