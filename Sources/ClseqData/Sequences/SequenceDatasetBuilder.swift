/// Gathers a stream of events by user and orders each user's events by time, ties by file order.
struct SequenceDatasetBuilder {
  private var users: [Int32] = []
  private var items: [Int32] = []
  /// Empty if the format has no times.
  private var times: [Double] = []

  mutating func append(_ event: Interaction) {
    users.append(event.user)
    items.append(event.item)
    if let time = event.time { times.append(time) }
  }

  /// - Throws: `DataError.empty` and `.noUsersLeft`.
  consuming func build(
    from stream: borrowing InteractionStream
  ) throws(DataError) -> SequenceDataset {
    if users.isEmpty { throw .empty(path: stream.path) }
    let (order, bounds) = orderByUser(userCount: stream.users.count)
    let kept = (0..<stream.users.count).filter {
      bounds[$0 + 1] - bounds[$0] >= SequenceDataset.minimumEventCount
    }
    if kept.isEmpty {
      throw .noUsersLeft(
        path: stream.path, leftOut: stream.users.count,
        minimum: SequenceDataset.minimumEventCount)
    }
    let (indices, tokens) = vocabulary(of: stream.items)
    let (flat, offsets) = gather(kept, order: order, bounds: bounds, indices: indices)
    let source = DataSource(
      name: stream.path.split(separator: "/").last.map(String.init) ?? stream.path,
      format: stream.format, hash: stream.hash.text, tieRule: "file order",
      userCount: stream.users.count, eventCount: users.count, itemCount: stream.items.count,
      leftOutUserCount: stream.users.count - kept.count,
      leftOutEventCount: users.count - flat.count)
    return SequenceDataset(
      items: flat, offsets: offsets,
      users: kept.count == stream.users.count
        ? stream.users : stream.users.reordered(kept.map { Int32($0) }),
      vocabulary: Vocabulary(tokens: tokens), source: source)
  }

  /// Event numbers by user and then time, and where each user's begin: a stable counting sort by
  /// user, then a sort by (time, event number) of those users who are out of order.
  private func orderByUser(userCount: Int) -> (order: [Int], bounds: [Int]) {
    var bounds = [Int](repeating: 0, count: userCount + 1)
    for user in users { bounds[Int(user) + 1] += 1 }
    for user in 0..<userCount { bounds[user + 1] += bounds[user] }
    var next = bounds
    var order = [Int](repeating: 0, count: users.count)
    for (event, user) in users.enumerated() {
      order[next[Int(user)]] = event
      next[Int(user)] += 1
    }
    if times.isEmpty { return (order, bounds) }
    for user in 0..<userCount {
      let range = bounds[user]..<bounds[user + 1]
      let isOrdered = range.dropFirst().allSatisfy { times[order[$0 - 1]] <= times[order[$0]] }
      if !isOrdered { order[range].sort { (times[$0], $0) < (times[$1], $1) } }
    }
    return (order, bounds)
  }

  /// The items of the kept users, one user after another, as vocabulary indices.
  private func gather(
    _ kept: [Int], order: [Int], bounds: [Int], indices: [Int32]
  ) -> (items: [Int32], offsets: [Int]) {
    var flat: [Int32] = []
    flat.reserveCapacity(order.count)
    var offsets = [0]
    offsets.reserveCapacity(kept.count + 1)
    for user in kept {
      for event in order[bounds[user]..<bounds[user + 1]] {
        flat.append(indices[Int(items[event])])
      }
      offsets.append(flat.count)
    }
    return (flat, offsets)
  }

  /// The vocabulary index of each item of the stream, and the tokens in that order: by the time
  /// of an item's first event, ties by file order.
  private func vocabulary(of tokens: TokenTable) -> (indices: [Int32], tokens: TokenTable) {
    if times.isEmpty { return ((0..<Int32(tokens.count)).map { $0 + 1 }, tokens) }
    var first = [Int](repeating: -1, count: tokens.count)
    for (event, item) in items.enumerated() {
      let known = first[Int(item)]
      if known < 0 || times[event] < times[known] { first[Int(item)] = event }
    }
    let order = (0..<Int32(tokens.count)).sorted {
      let (left, right) = (first[Int($0)], first[Int($1)])
      return (times[left], left) < (times[right], right)
    }
    var indices = [Int32](repeating: 0, count: tokens.count)
    for (position, item) in order.enumerated() { indices[Int(item)] = Int32(position + 1) }
    return (indices, tokens.reordered(order))
  }
}
