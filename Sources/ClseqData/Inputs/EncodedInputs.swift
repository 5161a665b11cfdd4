#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// What is known of a dataset's events, in the codes and numbers of an encoding.
public struct EncodedInputs: Sendable {
  /// How it is encoded.
  public let encoding: InputEncoding
  private let dataset: SequenceDataset
  /// The code of each type of the dataset, -1 at the front for a missing one: 0 for what the encoding
  /// does not know.
  private let typeCodes: [Int32]
  /// The columns of the encoding's features; nil for those that the dataset lacks.
  private let columns: [Column<Double>?]
  /// Whether hidden events are written ones, of which the type is known beside the item.
  private let writesTypes: Bool
  /// The moment of the question, in microseconds since 1970.
  private var moment: Int64

  /// - Parameters:
  ///   - encoding: The encoding of inputs.
  ///   - dataset: The dataset.
  ///   - moment: The moment of prediction, in microseconds since 1970, where users are predicted
  ///     about and times are known.
  ///   - writesTypes: Whether hidden events are those of a model that writes types beside items, so that the type of
  ///     the event at their place is known.
  public init(
    _ encoding: InputEncoding, of dataset: SequenceDataset, moment: Int64? = nil,
    writesTypes: Bool = false
  ) {
    self.encoding = encoding
    self.writesTypes = writesTypes
    self.dataset = dataset
    let known = encoding.types ?? []
    typeCodes =
      [0]
      + (0..<(dataset.types?.count ?? 0)).map { index in
        Int32((known.firstIndex(of: dataset.types![index]) ?? -1) + 1)
      }
    columns = encoding.features.map { feature in
      dataset.features.firstIndex { $0.request.name == feature.request.name }
        .map { dataset.events.features[$0] }
    }
    precondition(
      moment != nil || !encoding.hasAges || dataset.times == nil,
      "EncodedInputs: ages without a moment")
    self.moment = moment ?? 0
  }

  /// The same inputs for a question at another moment.
  public func at(_ moment: Int64) -> EncodedInputs {
    var inputs = self
    inputs.moment = moment
    return inputs
  }

  /// V, the number of items.
  public var itemCount: Int { dataset.itemCount }

  /// Whether inputs may be an item that is not known.
  public var hasUnknownItem: Bool { dataset.vocabulary.hasUnknown }

  /// The codes of types, or of what became of events, `[N]`.
  ///
  /// - Parameters:
  ///   - batch: The events.
  ///   - ownOutcomes: Where outcomes of events are predicted, whether an event's own outcome is
  ///     given and not that of the event before.
  public func types(of batch: RaggedBatch, ownOutcomes: Bool = false) -> [Int32] {
    let (types, labels) = (dataset.events.types, dataset.events.labels)
    let shift = encoding.predictsEvents && !ownOutcomes ? 1 : 0
    return batch.places.indices.map { event in
      if batch.hides(event) {
        let own: Int32 = writesTypes ? -1 : 0
        let type = batch.hiddenTypes.isEmpty ? own : batch.hiddenTypes[event]
        if type >= 0 { return encoding.code(type: type, label: .nan) }
      }
      let place = batch.places[event] - shift
      // An event before the cut is no input, but what became of it is known.
      guard shift == 0 || place >= Int(dataset.offsets[Int(batch.sequences[event])]) else {
        return 0
      }
      let type = encoding.types == nil ? 0 : types.map { typeCodes[Int($0[place]) + 1] } ?? 0
      return encoding.code(type: type, label: labels?[place] ?? .nan)
    }
  }

  /// The classes of the gaps before events, `[N]`.
  public func gaps(of batch: RaggedBatch) -> [Int32] {
    guard let times = dataset.times else { return batch.places.map { _ in 0 } }
    return batch.places.indices.map { event in
      if batch.hides(event) { return 0 }
      let place = batch.places[event]
      // A second segment may be of another user, and never has a user's first event.
      guard
        batch.isSecond(event) || place > Int(dataset.offsets[Int(batch.sequences[event])])
      else { return 0 }
      return InputEncoding.gapCode(times[place] - times[place - 1])
    }
  }

  /// The numbers of events, `[N, F]`: features brought to scale, then the logarithm of the days from
  /// the event to the question.
  public func numbers(of batch: RaggedBatch) -> [Float] {
    var numbers: [Float] = []
    numbers.reserveCapacity(batch.eventCount * encoding.numberCount)
    for (event, place) in batch.places.enumerated() {
      for (feature, column) in zip(encoding.features, columns) {
        numbers.append(
          feature.scaled(batch.hides(event) ? .nan : column?[place] ?? .nan))
      }
      if encoding.hasAges {
        let days = Double(max(0, moment - (dataset.times?[place] ?? moment))) / 86_400e6
        numbers.append(Float(log1p(days) / 3))
      }
    }
    return numbers
  }

  /// A feature of events with mean 0 and deviation 1 in training, `[N]`; NaN where it is missing.
  ///
  /// - Parameters:
  ///   - index: Of the encoding's features.
  ///   - batch: The events.
  package func standardized(_ index: Int, of batch: RaggedBatch) -> [Float] {
    let (feature, column) = (encoding.features[index], columns[index])
    return batch.places.map { feature.standardized(column?[$0] ?? .nan) }
  }

  /// A feature of the event at a place, as it stands in the data; NaN where it is missing.
  package func number(_ index: Int, at place: Int) -> Double { columns[index]?[place] ?? .nan }

  /// What is known of items, a row for each of the item table.
  public var itemValues: [Float] {
    encoding.items?.values(
      of: dataset.itemAttributes, skipping: 1, rowCount: dataset.vocabulary.rowCount) ?? []
  }

  /// What is known of users, a row each.
  public var userValues: [Float] {
    encoding.users?.values(of: dataset.userAttributes, rowCount: dataset.userCount) ?? []
  }
}
