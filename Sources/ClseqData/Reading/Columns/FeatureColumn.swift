/// A column of numbers that belong to an event.
public struct FeatureColumn: Sendable, Equatable, Codable {
  /// How the column is written.
  public enum Kind: String, Sendable, Codable {
    /// A decimal number, taken as it is.
    case number
    /// A time, read as the events' times are and given in seconds since 1970, UTC.
    case time
  }

  /// The column's name in the file.
  public var name: String
  /// How it is written.
  public var kind: Kind

  /// A column of this name.
  public init(_ name: String, kind: Kind = .number) {
    self.name = name
    self.kind = kind
  }
}
