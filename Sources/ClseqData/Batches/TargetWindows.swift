/// The windows in which some of a user's events have a target: each event after exactly the last
/// `maximumLength` events up to it, whatever follows it and whatever other targets there are, unless the
/// sharing is ``Sharing/context``.
///
/// One window serves several events where that changes nothing: as far as it begins with the user's
/// first event, and for models whose state depends on the last few events alone. Windows are made when
/// they are needed.
public struct TargetWindows: Sequence, IteratorProtocol, Sendable {
  /// Which targets share a window.
  public enum Sharing: Sendable {
    /// Those that have the same states in a window of their own, by a model that sees no later events.
    case unchanged
    /// None: each is the last event of a window, for a model that sees later events and must not.
    case none
    /// As many as leave at least half of a window to the events before them, for a model that may see
    /// later events.
    case context
  }

  private let sequence: Int32
  private let start: Int
  private let end: Int
  private let maximumLength: Int
  private let reach: Int
  private let sharing: Sharing
  private var lower: Int

  /// - Parameters:
  ///   - targets: Places of a user's events; none for an empty range.
  ///   - start: Place of the user's first event, at most the start of `targets`.
  ///   - sequence: Index of the user in the dataset.
  ///   - maximumLength: L, the most inputs of a window; at least 1.
  ///   - reach: How many of the last events a state depends on, at least 1; nil for all inputs.
  ///   - sharing: Which targets share a window.
  public init(
    _ targets: Range<Int>, from start: Int, sequence: Int32, maximumLength: Int, reach: Int? = nil,
    sharing: Sharing = .unchanged
  ) {
    precondition(
      maximumLength >= 1 && reach ?? 1 >= 1 && (targets.isEmpty || start <= targets.lowerBound),
      "TargetWindows: \(targets) from \(start), length \(maximumLength)")
    self.sequence = sequence
    self.start = start
    self.maximumLength = maximumLength
    self.sharing = sharing
    self.reach = Swift.min(reach ?? maximumLength, maximumLength)
    (lower, end) = (targets.lowerBound, targets.upperBound)
  }

  /// The next window; nil after the last.
  public mutating func next() -> Example? {
    guard lower < end else { return nil }
    let earliest =
      sharing == .context
      ? Swift.min(lower - maximumLength / 2, end - maximumLength) : lower - reach + 1
    let first = Swift.max(start, earliest)
    let upper = sharing == .none ? lower + 1 : Swift.min(end, first + maximumLength)
    defer { lower = upper }
    return Example(sequence: sequence, inputs: first..<upper, targets: lower..<upper)
  }
}

/// Examples cut into batches in their order, each made when it is needed.
public struct ExampleBatches<Examples: Sequence<Example>>: Sequence {
  private let examples: Examples
  private let size: BatchSize

  /// - Parameters:
  ///   - examples: Gone through once for each pass over the batches.
  ///   - size: The size of a batch, as ``BatchSize/partition(_:)`` cuts.
  public init(_ examples: Examples, size: BatchSize) {
    self.examples = examples
    self.size = size
  }

  /// Goes through the batches.
  public struct Iterator: IteratorProtocol {
    fileprivate var rest: Examples.Iterator
    fileprivate let size: BatchSize
    fileprivate var first: Example?

    /// The next batch; nil after the last.
    public mutating func next() -> [Example]? {
      guard let example = first else { return nil }
      var (batch, eventCount) = ([example], example.inputs.count)
      while true {
        first = rest.next()
        guard let example = first else { return batch }
        let isFull =
          switch size {
          case .sequences(let limit): batch.count >= limit
          case .events(let limit): eventCount + example.inputs.count > limit
          }
        if isFull { return batch }
        batch.append(example)
        eventCount += example.inputs.count
      }
    }
  }

  /// Starts a pass.
  public func makeIterator() -> Iterator {
    var rest = examples.makeIterator()
    let first = rest.next()
    return Iterator(rest: rest, size: size, first: first)
  }
}
