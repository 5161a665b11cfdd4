/// The places of a column that remain after some are removed. Takes four bytes per removed place, and
/// none for those that remain.
final class KeptPlaces: Sendable {
  /// The number of remaining places.
  let count: Int
  /// For each removed place, the number of remaining places before it. Ascending.
  private let staysBefore: [UInt32]
  /// For each block of remaining places, the number of removed places before it.
  private let outBefore: [UInt32]
  private static let blockBits = 12

  /// - Parameters:
  ///   - total: The number of places, below 2³².
  ///   - staysBefore: For each removed place, in order, the number of remaining places before it.
  init(of total: Int, staysBefore: [UInt32]) {
    self.staysBefore = staysBefore
    count = total - staysBefore.count
    var outBefore: [UInt32] = []
    var out = 0
    for block in 0...(count >> Self.blockBits) + 1 {
      while out < staysBefore.count, Int(staysBefore[out]) < block << Self.blockBits { out += 1 }
      outBefore.append(UInt32(out))
    }
    self.outBefore = outBefore
  }

  /// The place in the whole column of the remaining place with this number.
  func place(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "place \(index) of \(count) that remain")
    // The removed places before it are those with at most as many remaining places before them.
    let block = index >> Self.blockBits
    var (low, high) = (Int(outBefore[block]), Int(outBefore[block + 1]))
    while low < high {
      let middle = (low + high) / 2
      if Int(staysBefore[middle]) <= index { low = middle + 1 } else { high = middle }
    }
    return index + low
  }

  /// The number of remaining places before a place of the whole column.
  func count(before place: Int) -> Int {
    // The removed place with the number j is at `staysBefore[j] + j`.
    var (low, high) = (0, staysBefore.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(staysBefore[middle]) + middle < place { low = middle + 1 } else { high = middle }
    }
    return place - low
  }
}

/// A view of another column.
protocol ColumnView<Element>: Sendable {
  associatedtype Element
  func element(_ index: Int) -> Element
}

/// Some of a column's elements, in their order.
struct KeptColumn<Element: BitwiseCopyable & Sendable>: ColumnView {
  let column: Column<Element>
  let kept: KeptPlaces

  func element(_ index: Int) -> Element { column[kept.place(index)] }
}

/// The elements of a column, with a maximum.
struct CappedColumn<Element: BitwiseCopyable & Sendable & Comparable>: ColumnView {
  let column: Column<Element>
  let greatest: Element

  func element(_ index: Int) -> Element { min(column[index], greatest) }
}

extension Column {
  /// Some of the elements, without a copy.
  func keeping(_ kept: KeptPlaces) -> Column {
    Column(KeptColumn(column: self, kept: kept), count: kept.count)
  }

  /// The elements, replaced by the maximum if above it, without a copy.
  func capped(at greatest: Element) -> Column where Element: Comparable {
    Column(CappedColumn(column: self, greatest: greatest), count: count)
  }
}

extension EventColumns {
  /// Some of the events, without a copy.
  func keeping(_ kept: KeptPlaces) -> EventColumns {
    var selected = EventColumns(items: items.keeping(kept))
    selected.times = times?.keeping(kept)
    selected.types = types?.keeping(kept)
    selected.sessions = sessions?.keeping(kept)
    selected.labels = labels?.keeping(kept)
    selected.features = features.map { $0.keeping(kept) }
    selected.additions = additions?.keeping(kept)
    return selected
  }
}
