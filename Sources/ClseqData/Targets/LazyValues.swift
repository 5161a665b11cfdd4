/// A value for each event, or user, found when it is needed: nothing is held for each of them.
public struct LazyValues<Element: Equatable & Sendable>: RandomAccessCollection, Sendable,
  Equatable,
  ExpressibleByArrayLiteral
{
  /// The number of values.
  public let count: Int
  private let find: @Sendable (Int) -> Element

  /// - Parameters:
  ///   - count: The number of values.
  ///   - find: The value at an index from 0 to below `count`; the same in every call.
  public init(count: Int, find: @escaping @Sendable (_ index: Int) -> Element) {
    self.count = count
    self.find = find
  }

  /// Values that are held in memory.
  public init(_ elements: [Element]) {
    self.init(count: elements.count) { elements[$0] }
  }

  /// Values that are held in memory.
  public init(arrayLiteral elements: Element...) { self.init(elements) }

  /// Always 0.
  public var startIndex: Int { 0 }

  /// The number of values.
  public var endIndex: Int { count }

  /// One value.
  public subscript(index: Int) -> Element { find(index) }

  /// Whether both hold the same values, wherever these come from.
  public static func == (left: LazyValues, right: LazyValues) -> Bool { left.elementsEqual(right) }
}

/// The last events of users, a bit an event.
struct LastEvents: Sendable {
  private var words: [UInt64]

  init(of dataset: SequenceDataset) {
    words = [UInt64](repeating: 0, count: (dataset.eventCount + 63) / 64)
    for end in dataset.offsets.dropFirst() where end > 0 {
      words[Int(end - 1) >> 6] |= 1 << UInt64((end - 1) & 63)
    }
  }

  /// Whether the event at a place is its user's last.
  subscript(place: Int) -> Bool { words[place >> 6] >> UInt64(place & 63) & 1 != 0 }
}
