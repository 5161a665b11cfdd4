public import ClseqData

/// The format of the log, or `auto`, which decides by the file's name and content.
public struct DataFormatChoice: RawRepresentable, CaseIterable, Hashable, Sendable {
  /// By the file's name and content.
  public static let auto = DataFormatChoice(nil)

  /// `auto` and all formats.
  public static let allCases = [auto] + LogFormat.allCases.map { DataFormatChoice($0) }

  /// The format; nil for `auto`.
  public let format: LogFormat?

  /// The name on the command line.
  public var rawValue: String { format?.rawValue ?? "auto" }

  /// The choice of a format.
  public init(_ format: LogFormat?) { self.format = format }

  /// The choice of a name; nil for an unknown one.
  public init?(rawValue: String) {
    guard let choice = Self.allCases.first(where: { $0.rawValue == rawValue }) else { return nil }
    self = choice
  }
}
