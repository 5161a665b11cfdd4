/// Numbers the sessions of a user, from 0 in the order in which they begin.
struct SessionCounter {
  private var numbers: [UInt64: Int32] = [:]
  private var number: Int32 = 0
  private var previous: Int64?

  /// The session of the user's next event if sessions end with a gap; both in microseconds.
  mutating func next(at time: Int64, gap: Int64) -> Int32 {
    if let previous, time - previous > gap { number += 1 }
    previous = time
    return number
  }

  /// The session of the user's next event if a column gives sessions: by the hash of its token.
  mutating func next(token: UInt64) -> Int32 {
    if let known = numbers[token] { return known }
    let number = Int32(numbers.count)
    numbers[token] = number
    return number
  }
}

extension SequenceDataset {
  /// The same with sessions that end with a gap.
  ///
  /// - Parameter gap: Microseconds without an event after which a new session begins.
  /// - Throws: `DataError.lacks` for a log without times.
  public func withSessions(gap: Int64) throws(DataError) -> SequenceDataset {
    guard let times = events.times else {
      throw .lacks(path: source.name, what: "times", purpose: "sessions by a gap")
    }
    var sessions: [Int32] = []
    sessions.reserveCapacity(eventCount)
    for user in 0..<userCount {
      var counter = SessionCounter()
      for place in self[user].indices {
        sessions.append(counter.next(at: times[place], gap: gap))
      }
    }
    var dataset = self
    dataset.events.sessions = Column(sessions)
    return dataset
  }
}
