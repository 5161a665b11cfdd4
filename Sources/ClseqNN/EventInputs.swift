public import ClseqOps

/// A code a event, the row of a table.
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

/// What a model may know of N events beside their items, times and sequences.
public struct EventInputs {
  /// The type of each event; where events themselves are asked about, what became of the event
  /// before it (type and label).
  public var types: EventCodes?
  /// What became of each event itself, where events are asked about: known to later events alone.
  public var outcomes: EventCodes?
  /// The time since the user's event before, in classes of powers of two.
  public var gaps: EventCodes?
  /// Numbers of each event, `[N, F]`.
  public var numbers: Tensor?

  /// Nothing.
  public init() {}
}

/// How much a model knows of events, and what is known of items and users.
public struct EventInputSizes: Sendable, Equatable {
  /// A constant table of numbers, a row an item or a user.
  public struct Table: Sendable, Equatable {
    /// `[rows, width]`.
    public let values: [Float]
    /// Numbers of a row, at least 1.
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
  /// F, numbers of an event.
  public var numberCount = 0
  /// What is known of items: a row of the item table each.
  public var items: Table?
  /// What is known of users, by sequence of the dataset.
  public var users: Table?

  /// Nothing beside items.
  public init() {}
}
