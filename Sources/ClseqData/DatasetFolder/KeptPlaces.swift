/// The places of a column that are left when some are taken out: four bytes for each that is out, and
/// nothing for those that stay.
final class KeptPlaces: Sendable {
  /// The number of places that are left.
  let count: Int
  /// Of the places that are out, the number of places that stay before each. Ascending.
  private let staysBefore: [UInt32]
  /// By block of places that stay, how many are out before the block.
  private let outBefore: [UInt32]
  private static let blockBits = 12

  /// - Parameters:
  ///   - total: The number of places, below 2³².
  ///   - staysBefore: For each place that is out, in order, how many stay before it.
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

  /// The place in the whole of the place with this number among those that are left.
  func place(_ index: Int) -> Int {
    precondition(index >= 0 && index < count, "place \(index) of \(count) that are left")
    // Those out before it: as many as have no more places before them than it has.
    let block = index >> Self.blockBits
    var (low, high) = (Int(outBefore[block]), Int(outBefore[block + 1]))
    while low < high {
      let middle = (low + high) / 2
      if Int(staysBefore[middle]) <= index { low = middle + 1 } else { high = middle }
    }
    return index + low
  }

  /// How many of the places that are left lie before a place of the whole.
  func count(before place: Int) -> Int {
    // A place that is out, the one of number j, lies at `staysBefore[j] + j`.
    var (low, high) = (0, staysBefore.count)
    while low < high {
      let middle = (low + high) / 2
      if Int(staysBefore[middle]) + middle < place { low = middle + 1 } else { high = middle }
    }
    return place - low
  }
}

/// A column that is seen through another one.
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

/// The elements of a column, greater ones lowered to a bound.
struct CappedColumn<Element: BitwiseCopyable & Sendable & Comparable>: ColumnView {
  let column: Column<Element>
  let greatest: Element

  func element(_ index: Int) -> Element { min(column[index], greatest) }
}

extension Column {
  /// Some of the elements, without a copy of them.
  func keeping(_ kept: KeptPlaces) -> Column {
    Column(KeptColumn(column: self, kept: kept), count: kept.count)
  }

  /// The elements, those above a bound lowered to it, without a copy of them.
  func capped(at greatest: Element) -> Column where Element: Comparable {
    Column(CappedColumn(column: self, greatest: greatest), count: count)
  }
}

extension EventColumns {
  /// Some of the events, without a copy of them.
  func keeping(_ kept: KeptPlaces) -> EventColumns {
    var selected = EventColumns(items: items.keeping(kept))
    selected.times = times?.keeping(kept)
    selected.types = types?.keeping(kept)
    selected.sessions = sessions?.keeping(kept)
    selected.labels = labels?.keeping(kept)
    selected.features = features.map { $0.keeping(kept) }
    return selected
  }
}
