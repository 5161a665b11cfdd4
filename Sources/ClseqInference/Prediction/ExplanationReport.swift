import ClseqBase
public import ClseqData

/// An explanation with the names of things, for JSON and for people.
public struct ExplanationReport: Encodable, Sendable {
  /// An event of the history.
  public struct Event: Encodable, Sendable {
    /// The item's id; nil for one that the log lacks.
    public let item: String?
    /// What it is called, where that is known.
    public let title: String?
    /// The event's type, where the model has it as an input.
    public let type: String?
    /// The time after ISO 8601, where the log has times.
    public let time: String?
    /// The mean attention weight of the heads.
    public let weight: Double?
    /// The weight of each head.
    public let headWeights: [Float]?
    /// How the score changes without the event.
    public let change: Double?

    private enum CodingKeys: String, CodingKey {
      case item, title, type, time
      case weight = "attention"
      case headWeights = "attention_by_head"
      case change = "change_without"
    }
  }

  /// The user's token.
  public let user: String
  /// The number of events in the user's history.
  public let eventCount: Int
  /// What the model says: the records of ``PredictionRecords``.
  public let prediction: [[PredictionField]]
  /// What the score is that changes.
  public let scoreName: String
  /// The score from the whole history.
  public let score: Double
  /// The last events, in the order of time.
  public let events: [Event]

  /// Names an explanation's users, items and types.
  public init(
    _ explanation: Explanation, of data: NewData, by run: TrainedRun, titles: ItemTitles? = nil
  ) {
    let dataset = data.dataset
    user = dataset.users[explanation.user]
    eventCount = dataset[explanation.user].count
    prediction = PredictionRecords(run, of: data).records(of: explanation.prediction)
    (scoreName, score) = (explanation.scoreName, explanation.score)
    events = explanation.events.map { event in
      let item = dataset.items[event.place]
      let isNamed = Int(item) <= dataset.itemCount
      var type: String?
      if let types = dataset.types, let index = dataset.events.types?[event.place], index >= 0 {
        type = types[Int(index)]
      }
      return Event(
        item: dataset.itemToken(at: event.place), title: isNamed ? titles?[item] : nil,
        type: type, time: dataset.times.map { TimeText.iso8601($0[event.place]) },
        weight: event.weight, headWeights: event.weights, change: event.change)
    }
  }

  /// Encodes the records of the prediction as objects.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(user, forKey: .user)
    try container.encode(eventCount, forKey: .eventCount)
    try container.encode(prediction.map(EncodedRecord.init), forKey: .prediction)
    try container.encode(scoreName, forKey: .scoreName)
    try container.encode(score, forKey: .score)
    try container.encode(events, forKey: .events)
  }

  private enum CodingKeys: String, CodingKey {
    case user, prediction, score, events
    case eventCount = "history"
    case scoreName = "explained"
  }
}

/// A record as a JSON object.
private struct EncodedRecord: Encodable {
  struct Key: CodingKey {
    let stringValue: String
    var intValue: Int? { nil }

    init(_ name: String) { stringValue = name }
    init?(stringValue: String) { self.init(stringValue) }
    init?(intValue: Int) { nil }
  }

  struct Point: Encodable {
    let beyond: Double
    let probability: Double
  }

  let fields: [PredictionField]

  init(_ fields: [PredictionField]) { self.fields = fields }

  func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: Key.self)
    for field in fields {
      let key = Key(field.name)
      switch field.value {
      case .text(let text): try container.encode(text, forKey: key)
      case .integer(let number): try container.encode(number, forKey: key)
      case .number(let number): try container.encode(number, forKey: key)
      case .named(let names, let values):
        var inner = container.nestedContainer(keyedBy: Key.self, forKey: key)
        for (name, value) in zip(names, values) { try inner.encode(value, forKey: Key(name)) }
      case .vector(let values): try container.encode(Array(values), forKey: key)
      case .survival(let bounds, let probabilities):
        let points = zip(bounds, probabilities).map { Point(beyond: $0, probability: $1) }
        try container.encode(points, forKey: key)
      case nil: try container.encodeNil(forKey: key)
      }
    }
  }
}
