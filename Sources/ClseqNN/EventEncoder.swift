public import ClseqOps

/// Turns every event of a batch into a vector: the embedding of its item, and of its other inputs.
///
/// `x = [items ‖ types] + gaps + W numbers + W' items' numbers + W'' users' numbers + s · segment + positions`,
/// where types are concatenated, as here, or added like the other terms, and s is 1 in a second segment and else 0: a
/// model without segments is the same as one that has the first alone.
public struct EventEncoder {
  /// How event types enter.
  public enum Types: Sendable, Equatable {
    /// Added to the item's vector.
    case added
    /// Concatenated after the item embedding, with the given width.
    case concatenated(width: Int)
  }

  /// `[1 + V + specials, item width]`.
  public let itemTable: Parameter
  /// Width of the vectors.
  public let width: Int
  private let types: Parameter?
  private let concatenatesTypes: Bool
  private let gaps: Parameter?
  private let numbers: Linear?
  private let segments: Linear?
  private let items: (table: Tensor, map: Linear)?
  private let users: (table: Tensor, map: Linear)?

  /// Declares `items.weight` and, for the inputs that the sizes have, `event_types.weight`,
  /// `gaps.weight`, `numbers.weight`, `item_attributes.weight`, `user_attributes.weight` and `segments.weight`, all
  /// under `prefix`.
  ///
  /// - Parameters:
  ///   - itemRows: rows of the item table.
  ///   - width: width of the vectors.
  ///   - typePlace: how event types enter; without types, items have the whole width.
  ///   - sizes: the sizes of the inputs.
  ///   - prefix: the prefix of the names of parameters.
  ///   - store: the store that gets the parameters.
  /// - Throws: `OpenCLError.overBudget` when the tables of constants do not fit.
  public init(
    itemRows: Int, width: Int, types typePlace: Types = .added, _ sizes: EventInputSizes,
    prefix: String = "", in store: ParameterStore
  ) throws {
    func table(
      _ name: String, _ rows: Int, _ width: Int, isLarge: Bool = false
    ) -> Parameter {
      store.declare(
        prefix + name, [rows, width], .normal(standardDeviation: 0.02), isTable: isLarge)
    }
    func map(_ name: String, _ inputs: Int) -> Linear {
      Linear(prefix + name, inputs: inputs, outputs: width, hasBias: false, in: store)
    }
    self.width = width
    var itemWidth = width
    var typeWidth = width
    if case .concatenated(let given) = typePlace, sizes.typeCount > 0 {
      precondition(
        given < width, "EventEncoder: types of width \(given) in vectors of width \(width)")
      (itemWidth, typeWidth) = (width - given, given)
      concatenatesTypes = true
    } else {
      concatenatesTypes = false
    }
    itemTable = table("items.weight", itemRows, itemWidth, isLarge: true)
    types = sizes.typeCount > 0 ? table("event_types.weight", sizes.typeCount, typeWidth) : nil
    gaps = sizes.gapCount > 0 ? table("gaps.weight", sizes.gapCount, width) : nil
    numbers = sizes.numberCount > 0 ? map("numbers", sizes.numberCount) : nil
    segments = sizes.hasSegments ? map("segments", 1) : nil
    items = try sizes.items.map {
      (try store.constant($0.values, [$0.rowCount, $0.width]), map("item_attributes", $0.width))
    }
    users = try sizes.users.map {
      (try store.constant($0.values, [$0.rowCount, $0.width]), map("user_attributes", $0.width))
    }
  }

  /// Inputs of an event, its item among them.
  public var featureCount: Int {
    let others: [Any?] = [types, gaps, numbers, items, users, segments]
    return 1 + others.count { $0 != nil }
  }

  /// - Parameters:
  ///   - batch: the events.
  ///   - positions: vectors that are added by the time of an event.
  ///   - outcomes: whether to use an event's own outcome instead of the outcome of the event
  ///     before, where it is the target.
  ///   - dropout: the probability of dropout.
  ///   - layer: name of the dropout.
  ///   - tape: the tape.
  /// - Returns: `[N, width]`.
  public func callAsFunction(
    _ batch: EventBatch, positions: PositionTable? = nil, outcomes: Bool = false,
    dropout: DropoutRate = DropoutRate(0), layer: String, on tape: Tape
  ) throws -> Tensor {
    guard featureCount > 1 else {
      return try tape.embedding(
        batch.events, table: itemTable, positions: positions, dropout: dropout, layer: layer)
    }
    let place = concatenatesTypes ? nil : positions
    var x = try tape.embedding(batch.events, table: itemTable, positions: place, layer: layer)
    if let part = try typeVectors(batch, outcomes: outcomes, on: tape) {
      x = concatenatesTypes ? try tape.concat([x, part]) : try tape.add(x, part)
    }
    for part in try addends(batch, on: tape) { x = try tape.add(x, part) }
    if place == nil, let positions {
      x = try tape.addPositions(x, positions, events: batch.events)
    }
    return try tape.dropout(x, rate: dropout, layer: layer, events: batch.events)
  }

  /// The vectors whose sum is that of an event, ``featureCount`` of them, `[N, width]` each: those of
  /// its item, type (the outcome of the event before, if that is the target), gap and numbers, of the
  /// item's attributes and of the user's, and that of the segment. Types must not be concatenated.
  ///
  /// - Throws: `OpenCLError` when memory runs out or a launch fails.
  public func features(_ batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    precondition(!concatenatesTypes, "EventEncoder.features: types are a part of the item's vector")
    let item = try tape.embedding(batch.events, table: itemTable, layer: "")
    let type = try typeVectors(batch, outcomes: false, on: tape)
    return [item] + [type].compactMap(\.self) + (try addends(batch, on: tape))
  }

  private func typeVectors(
    _ batch: EventBatch, outcomes: Bool, on tape: Tape
  ) throws -> Tensor? {
    guard
      let types, let codes = (outcomes ? batch.inputs.knownOutcomes : nil) ?? batch.inputs.types
    else { return nil }
    return try lookUp(codes, types, batch, on: tape)
  }

  /// The terms for gaps, numbers and attributes, each `[N, width]`.
  private func addends(_ batch: EventBatch, on tape: Tape) throws -> [Tensor] {
    var parts: [Tensor] = []
    if let gaps, let codes = batch.inputs.gaps {
      parts.append(try lookUp(codes, gaps, batch, on: tape))
    }
    if let numbers, let values = batch.inputs.numbers {
      parts.append(try numbers(values, isConstant: true, on: tape))
    }
    if let (table, map) = items {
      parts.append(
        try map(
          try tape.backend.gatherRows(table, rows: batch.events.items), isConstant: true, on: tape))
    }
    if let (table, map) = users {
      parts.append(
        try map(
          try tape.backend.gatherRows(table, rows: batch.events.sequences), isConstant: true,
          on: tape))
    }
    if let segments, let values = batch.inputs.segments {
      parts.append(try segments(values, isConstant: true, on: tape))
    }
    return parts
  }

  private func lookUp(
    _ codes: EventCodes, _ table: Parameter, _ batch: EventBatch, on tape: Tape
  ) throws -> Tensor {
    try tape.embedding(
      EventIndices(
        items: codes.codes, times: batch.events.times, sequences: batch.events.sequences,
        itemRows: codes.rows), table: table, layer: "")
  }
}
