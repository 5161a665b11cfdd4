import ClseqBase

/// Which of several columns holds the times: the one with the finest times.
enum TimeColumn {
  /// How exactly a value gives the time of an event.
  private enum Grain {
    /// The day and the time of day.
    case instant
    /// The day alone.
    case day
    /// Neither: a time of day, or a number that is no likely time.
    case none
    /// There is no value.
    case missing
  }

  /// The column of times, by the first record.
  ///
  /// - Parameters:
  ///   - candidates: Columns, the most likely by its name first; at least one.
  ///   - names: The names of all columns.
  ///   - format: How times are written.
  ///   - withValue: Calls its body with the value of a column.
  /// - Throws: Where one column has the day and another something else, which are not read together.
  static func choose(
    _ candidates: [Int], names: [String], _ format: TimeFormat,
    withValue: (_ column: Int, _ body: (UnsafeRawBufferPointer) -> Void) -> Void
  ) throws(LineFault) -> Int {
    let grains = candidates.map { column in
      var grain = Grain.missing
      withValue(column) { grain = Self.grain(of: $0, format) }
      return grain
    }
    if let complete = grains.firstIndex(of: .instant) { return candidates[complete] }
    guard let day = grains.firstIndex(of: .day) else { return candidates[0] }
    guard let part = grains.firstIndex(of: .none) else { return candidates[day] }
    throw LineFault(
      offset: 0,
      expected: "the day and the time of day in one column (join them, or name the one to read: "
        + "--time-column \(names[candidates[day]]) orders events by days alone)",
      found: "the day in \(names[candidates[day]]), and something else in "
        + names[candidates[part]])
  }

  private static func grain(of value: UnsafeRawBufferPointer, _ format: TimeFormat) -> Grain {
    if MissingToken.isMissing(value) { return .missing }
    if format != .automatic {
      let reader = TimeReader(format, name: "")
      return (try? reader.microseconds(Field(offset: 0, bytes: value))) == nil ? .none : .instant
    }
    if TimeReader.isLikelyDate(value) { return value.count == 8 ? .day : .instant }
    // 1973-03-03 and later.
    if let number = DecimalNumber.parse(value) { return abs(number) >= 1e8 ? .instant : .none }
    if ISO8601.parse(value) != nil {
      return value.count == "2021-03-15".utf8.count ? .day : .instant
    }
    return .none
  }
}
