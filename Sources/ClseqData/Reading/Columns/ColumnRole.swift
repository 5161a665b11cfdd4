/// The meaning of a column of a log.
public enum ColumnRole: String, CaseIterable, Sendable, Codable {
  /// Who acted: an opaque token.
  case user
  /// What was acted on: an opaque token.
  case item
  /// What was done, such as `view` or `purchase`.
  case eventType = "event_type"
  /// When it was done, or when it began.
  case time
  /// When it ended.
  case endTime = "end_time"
  /// Which visit it belongs to: an opaque token.
  case session
  /// A number that says how it went, such as a rating.
  case label
  /// Further numbers, any count of columns; see ``FeatureColumn``.
  case features

  /// The names, in the form of ``ColumnName``, under which a column of this role is recognised, the
  /// surest first; for ``features`` those of numbers.
  var names: [String] {
    switch self {
    case .user:
      [
        "userid", "user", "uid", "customerid", "customer", "memberid", "visitorid", "clientid",
        "accountid", "reviewerid", "用户id", "用户编号", "用户标识", "用户", "会员id", "客户id",
      ]
    case .item:
      [
        "itemid", "item", "iid", "productid", "product", "movieid", "goodsid", "skuid", "sku",
        "asin",
        "articleid", "newsid", "videoid", "contentid", "songid", "trackid", "isbn", "businessid",
        "商品id", "商品编号", "商品", "物品id", "物品", "内容id", "视频id", "文章id", "项目id",
      ]
    case .eventType:
      [
        "eventtype", "event", "action", "actiontype", "behavior", "behaviortype", "behaviour",
        "behaviourtype", "interactiontype", "行为类型", "行为", "事件类型", "事件", "操作类型",
      ]
    case .time:
      [
        "timestamp", "eventtime", "time", "ts", "datetime", "createdat", "unixreviewtime", "date",
        "starttime", "时间戳", "行为时间", "事件时间", "发生时间", "时间", "日期", "开始时间",
      ]
    case .endTime: ["endtime", "finishtime", "结束时间"]
    case .session:
      ["sessionid", "session", "usersession", "visitid", "会话id", "会话编号", "会话"]
    case .label: ["label", "rating", "score", "stars", "overall", "标签", "评分", "得分"]
    case .features: ["duration", "持续时间", "发布频率", "互动次数"]
    }
  }

  /// Names that a column of times may have where there is no surer one, or that of a part of a time.
  static let otherTimeNames = [
    "timems", "timestampms", "timeus", "hourmin", "timeofday", "hour",
  ]

  /// The names of features that are times.
  static let timeFeatureNames = ["starttime", "publishtime", "开始时间", "发布时间"]

  /// Whether a name, in the form of ``ColumnName``, is one of this role.
  func isCalled(_ name: String) -> Bool {
    names.contains(name) || self == .features && Self.timeFeatureNames.contains(name)
  }

  /// The option that names the column.
  var option: String? {
    switch self {
    case .user: "--user-column"
    case .item: "--item-column"
    case .eventType: "--type-column"
    case .time: "--time-column"
    case .endTime: "--end-column"
    case .session: "--session-column"
    case .label: "--label-column"
    case .features: nil
    }
  }

  /// What messages call a column of this role.
  var noun: String {
    switch self {
    case .user: "the user"
    case .item: "the item"
    case .eventType: "the event type"
    case .time: "the time"
    case .endTime: "the end time"
    case .session: "the session"
    case .label: "the label"
    case .features: "a feature"
    }
  }
}
