/// Puts the events of one partition in order: by user, time and place in the log.
enum PartitionOrder {
  /// - Parameters:
  ///   - events: In the order of the log.
  ///   - firstUser: The minimum index of a user of the partition.
  static func ordered(_ events: [SpooledEvent], firstUser: Int32) -> [SpooledEvent] {
    // A stable counting sort by user, then a sort of those users who are out of order: most logs
    // are written in the order of time.
    var starts = [Int](repeating: 0, count: Preparation.usersPerPartition + 1)
    for event in events { starts[Int(event.user - firstUser) + 1] += 1 }
    for user in 0..<Preparation.usersPerPartition { starts[user + 1] += starts[user] }
    var next = starts
    var result = events
    for event in events {
      let user = Int(event.user - firstUser)
      result[next[user]] = event
      next[user] += 1
    }
    for user in 0..<Preparation.usersPerPartition {
      let range = starts[user]..<starts[user + 1]
      let isOrdered = range.dropFirst().allSatisfy { result[$0 - 1].time <= result[$0].time }
      if !isOrdered { result[range].sort { ($0.time, $0.row) < ($1.time, $1.row) } }
    }
    return result
  }
}
