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
    let history = ShopHistory(user: user, taste: taste(of: user), of: self, calendar)
    return UserLabel(
      isChurned: history.churnTime != nil, churnTime: history.churnTime ?? calendar.end,
      anomaly: history.anomaly, takeoverTime: history.takeoverTime)
  }

  /// The hidden taste of a user (from 0), one of six, from 0; of an account that is taken over that of its owner.
  public func taste(of user: Int) -> Int { Shopper(user: user, of: self).taste }

  /// Writes the truth about every user as RecBole `.user`, with the columns `user_id`, of a log with an end `churned`
  /// (0 or 1), `churn_time` (see ``UserLabel/churnTime``) and `anomaly` (`none` or a ``ShopAnomaly``), and `taste`, from 1.
  ///
  /// - Throws: `FileError`.
  public func writeLabels(to path: String) throws(FileError) {
    let writer = try WholeFile(path, whereTaken: .isReplaced)
    let columns = calendar == nil ? "" : "churned:float\tchurn_time:float\tanomaly:token\t"
    try writer.append("user_id:token\t\(columns)taste:token\n".utf8)
    for user in 0..<userCount {
      var cells = ["u\(user + 1)"]
      if let label = label(of: user) {
        cells += [
          label.isChurned ? "1" : "0", "\(label.churnTime)", label.anomaly?.rawValue ?? "none",
        ]
      }
      cells.append("\(taste(of: user) + 1)")
      try writer.append(cells.joined(separator: "\t") + "\n")
    }
    try writer.finish()
  }
}
