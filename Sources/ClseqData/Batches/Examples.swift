import ClseqBase

/// Examples one user after another, each made when it is needed: four bytes per user and none per
/// example.
public struct Examples: RandomAccessCollection, Sendable, ExpressibleByArrayLiteral {
  /// By user, the examples of those before; last the number of all.
  private let starts: [UInt32]
  private let make: @Sendable (_ user: Int, _ number: Int) -> Example

  /// - Parameters:
  ///   - userCount: The number of users.
  ///   - count: The number of a user's examples.
  ///   - make: An example of a user by its number from 0, the same in every call.
  public init(
    userCount: Int, count: (_ user: Int) -> Int,
    make: @escaping @Sendable (_ user: Int, _ number: Int) -> Example
  ) {
    var starts: [UInt32] = [0]
    starts.reserveCapacity(userCount + 1)
    var total = 0
    for user in 0..<userCount {
      total += count(user)
      starts.append(UInt32(total))
    }
    self.starts = starts
    self.make = make
  }

  /// Examples that are held in memory.
  public init(_ examples: [Example]) {
    self.init(userCount: 1, count: { _ in examples.count }) { examples[$1] }
  }

  /// Examples that are held in memory.
  public init(arrayLiteral elements: Example...) { self.init(elements) }

  /// Always 0.
  public var startIndex: Int { 0 }

  /// The number of examples.
  public var endIndex: Int { Int(starts[starts.count - 1]) }

  /// Makes an example.
  public subscript(index: Int) -> Example {
    precondition(index >= 0 && index < endIndex, "example \(index) of \(endIndex)")
    // The last user whose examples do not begin after it.
    let user = starts.partitioningIndex { $0 > UInt32(index) } - 1
    return make(user, index - Int(starts[user]))
  }
}

extension Examples {
  /// Goes through the examples user by user, without looking for their users.
  public struct Iterator: IteratorProtocol {
    fileprivate let examples: Examples
    private var user = 0
    private var index: UInt32 = 0

    fileprivate init(_ examples: Examples) { self.examples = examples }

    /// The next example; nil after the last.
    public mutating func next() -> Example? {
      while user + 1 < examples.starts.count {
        if index < examples.starts[user + 1] {
          defer { index += 1 }
          return examples.make(user, Int(index - examples.starts[user]))
        }
        user += 1
      }
      return nil
    }
  }

  /// Starts at the first example.
  public func makeIterator() -> Iterator { Iterator(self) }
}
