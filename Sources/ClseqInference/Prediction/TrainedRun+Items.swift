import ClseqBase
import ClseqData
import Foundation

extension TrainedRun {
  /// Items that people named, some of which the model may not know.
  public struct NamedItems: Equatable, Sendable {
    /// Those that it knows, 1…V, in the order in which they were named.
    public var known: [Int32] = []
    /// The others.
    public var unknown: [String] = []
  }

  /// The maximum number of items among which the nearest name is searched.
  private static let mostCompared = 100_000

  /// Looks up items by their ids.
  public func items(named tokens: some Sequence<String>) -> NamedItems {
    var items = NamedItems()
    for token in tokens {
      if let index = vocabulary.index(of: token) {
        items.known.append(index)
      } else {
        items.unknown.append(token)
      }
    }
    return items
  }

  /// The items of a file that has an id a line; blank lines are passed over.
  ///
  /// - Parameters:
  ///   - path: The path of the file.
  ///   - mayBeEmpty: Whether a file may name none.
  /// - Throws: `FileError`, and `DataError.unfit` for a file without any that must name some.
  public func items(inFile path: String, mayBeEmpty: Bool) throws -> NamedItems {
    let text = String(decoding: try DurableFiles.bytes(of: path), as: UTF8.self)
    let lines = text.split(whereSeparator: \.isNewline).map(String.init)
    guard mayBeEmpty || !lines.isEmpty else {
      throw DataError.unfit(path: path, what: "it names no item", expected: "an id a line")
    }
    return items(named: lines)
  }

  /// The known item whose id is written most alike; nil where none is near, where ids are numbers,
  /// which are near one another without meaning it, and where there are too many.
  public func nearestItem(to token: String) -> String? {
    guard vocabulary.count <= Self.mostCompared, Double(token) == nil else { return nil }
    return nearest(to: token, among: (1...vocabulary.count).lazy.map { vocabulary[$0] })
  }
}
