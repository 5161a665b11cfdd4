import ClseqData
import ClseqNN
import ClseqOps

/// The sides of a batch in an upload, for a model that reads and writes.
struct SideUpload {
  private struct Side {
    let (rows, times, sequences, offsets):
      (UploadPlan.Integers, UploadPlan.Integers, UploadPlan.Integers, UploadPlan.Integers)
    let lengths: [Int]
    /// Needed in training.
    let indices: (rows: UploadPlan.Rows, times: UploadPlan.Rows)?

    init(_ side: BatchSide, of batch: RaggedBatch, isTraining: Bool, in plan: inout UploadPlan) {
      rows = plan.integers(side.rows)
      times = plan.integers(side.times)
      sequences = plan.integers(side.rows.map { batch.sequences[Int($0)] })
      offsets = plan.integers(side.offsets)
      lengths = side.lengths
      indices =
        isTraining
        ? (
          plan.rows(RowIndex(side.rows, rowCount: batch.eventCount)),
          plan.rows(RowIndex(side.times, rowCount: Int(side.times.max() ?? 0) + 1))
        ) : nil
    }

    func side(in arrays: UploadedArrays) -> EventSide {
      let events = EventIndices(
        items: arrays[rows], times: arrays[times], sequences: arrays[sequences],
        timeRows: indices.map { arrays[$0.times] })
      return EventSide(
        EventRows(arrays[rows], index: indices.map { arrays[$0.rows] }), events: events,
        offsets: arrays[offsets], lengths: lengths)
    }
  }

  /// The items as the model takes them: in the place of a start the last event that is read, which the first written
  /// one follows as each of the others follows the one before it. The start's own row stands where nothing is read.
  let items: [Int32]
  private let (read, written): (Side, Side)
  private let answers: UploadPlan.Integers?
  /// Sources, choices and the offsets of no exclusions.
  private let guesses:
    (sources: UploadPlan.Integers, choices: UploadPlan.Integers, offsets: UploadPlan.Integers)?

  /// Adds the sides to an upload.
  ///
  /// - Parameter start: The row of the start.
  init(_ batch: RaggedBatch, startingAt start: Int32, isTraining: Bool, in plan: inout UploadPlan) {
    let sides = batch.sides(startingAt: start)
    var items = batch.items
    for row in sides.written.rows where items[Int(row)] == start {
      if row > 0, batch.sequences[Int(row)] == batch.sequences[Int(row) - 1],
        batch.times[Int(row)] == batch.times[Int(row) - 1] + 1
      {
        items[Int(row)] = items[Int(row) - 1]
      }
    }
    self.items = items
    read = Side(sides.read, of: batch, isTraining: isTraining, in: &plan)
    written = Side(sides.written, of: batch, isTraining: isTraining, in: &plan)
    guesses = isTraining ? Self.guesses(batch, sides.written.rows, in: &plan) : nil
    guard batch.targetRows.count < sides.written.rows.count else {
      answers = nil
      return
    }
    let numbers = Dictionary(
      uniqueKeysWithValues: sides.written.rows.enumerated().map { ($1, Int32($0)) })
    answers = plan.integers(batch.targetRows.compactMap { numbers[$0] })
  }

  /// The events to guess, each by the state of the written event before it; nil without any.
  private static func guesses(
    _ batch: RaggedBatch, _ written: [Int32], in plan: inout UploadPlan
  ) -> (UploadPlan.Integers, UploadPlan.Integers, UploadPlan.Integers)? {
    guard batch.isGuessed.contains(true) else { return nil }
    var (sources, choices) = ([Int32](), [Int32](repeating: -1, count: batch.eventCount))
    for (number, row) in written.enumerated() where batch.isGuessed[Int(row)] {
      choices[Int(row)] = Int32(sources.count)
      sources.append(Int32(number - 1))
    }
    let none = [Int32](repeating: 0, count: sources.count + 1)
    return (plan.integers(sources), plan.integers(choices), plan.integers(none))
  }

  func guesses(in arrays: UploadedArrays) -> EventGuesses? {
    guesses.map {
      EventGuesses(
        sources: arrays[$0.sources], choices: arrays[$0.choices],
        exclusions: UserRows(offsets: arrays[$0.offsets], rows: arrays[$0.offsets]))
    }
  }

  func sides(in arrays: UploadedArrays) -> EventSides {
    EventSides(
      read: read.side(in: arrays), written: written.side(in: arrays),
      answers: answers.map { arrays[$0] })
  }
}
