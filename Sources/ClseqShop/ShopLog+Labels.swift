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

  /// The number of a user's event, from 1, with which the anomaly begins: the first of a bot and a repeater, that of
  /// the new owner of an account; nil without an anomaly, and where a takeover comes after the last event.
  public func firstAnomalousEvent(of user: Int) -> Int? {
    guard let label = label(of: user), label.anomaly != nil else { return nil }
    guard let takeover = label.takeoverTime else { return 1 }
    return events(of: user).firstIndex { $0.time >= takeover }.map { $0 + 1 }
  }

  /// Writes the truth about every user as RecBole `.user`, with the columns `user_id`, of a log with an end `churned`
  /// (0 or 1), `churn_time` (see ``UserLabel/churnTime``), `anomaly` (`none` or a ``ShopAnomaly``) and `anomaly_event`
  /// (``firstAnomalousEvent(of:)``, empty without), and `taste`, from 1. An anomaly without an event is `none`.
  ///
  /// - Throws: `FileError`.
  public func writeLabels(to path: String) throws(FileError) {
    let writer = try WholeFile(path, whereTaken: .isReplaced)
    let columns =
      calendar == nil
      ? "" : "churned:float\tchurn_time:float\tanomaly:token\tanomaly_event:float\t"
    try writer.append("user_id:token\t\(columns)taste:token\n".utf8)
    for user in 0..<userCount {
      var cells = ["u\(user + 1)"]
      if let label = label(of: user) {
        let first = firstAnomalousEvent(of: user)
        let anomaly = first == nil ? nil : label.anomaly?.rawValue
        cells += [
          label.isChurned ? "1" : "0", "\(label.churnTime)", anomaly ?? "none",
          first.map(String.init) ?? "",
        ]
      }
      cells.append("\(taste(of: user) + 1)")
      try writer.append(cells.joined(separator: "\t") + "\n")
    }
    try writer.finish()
  }
}
