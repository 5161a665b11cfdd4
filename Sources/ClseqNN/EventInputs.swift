public import ClseqOps

/// One code per event, a row of a table.
public struct EventCodes {
  /// Rows of the table, `[N]`.
  public let codes: Indices
  /// Events by code; needed in training.
  public let rows: DeviceRowIndex?

  /// Codes, with their events in training.
  public init(codes: Indices, rows: DeviceRowIndex?) {
    self.codes = codes
    self.rows = rows
  }
}

/// Inputs of N events beside their items, times and sequences.
public struct EventInputs {
  /// The type of each event. If the target is a property of the event itself (its type or label),
  /// then the outcome (type and label) of the event before it.
  public var types: EventCodes?
  /// The outcome (type and label) of each event itself, if it is the target: an input of later
  /// events alone.
  public var knownOutcomes: EventCodes?
  /// The time since the user's previous event, in classes of powers of two.
  public var gaps: EventCodes?
  /// Numbers of each event, `[N, F]`.
  public var numbers: Tensor?
  /// 1 for events of a second segment, 0 for others, `[N, 1]`; nil where there is one segment.
  public var segments: Tensor?

  /// No inputs.
  public init() {}
}

/// Sizes of the inputs of events, and the attributes of items and users.
public struct EventInputSizes: Sendable, Equatable {
  /// A constant table of numbers, one row per item or user.
  public struct Table: Sendable, Equatable {
    /// `[rows, width]`.
    public let values: [Float]
    /// Numbers per row, at least 1.
    public let width: Int

    /// A table of rows.
    public init(_ values: [Float], width: Int) {
      precondition(
        width > 0 && values.count.isMultiple(of: width), "Table: \(values.count) by \(width)")
      self.values = values
      self.width = width
    }

    /// Number of rows.
    public var rowCount: Int { values.count / width }
  }

  /// Codes of event types, or of outcomes of the event before; 0 for none.
  public var typeCount = 0
  /// Codes of time gaps; 0 for none.
  public var gapCount = 0
  /// F, numbers per event.
  public var numberCount = 0
  /// Whether sequences may have a second segment.
  public var hasSegments = false
  /// Attributes of items: one row per row of the item table.
  public var items: Table?
  /// Attributes of users: one row per sequence of the dataset.
  public var users: Table?

  /// No inputs but items.
  public init() {}
}
