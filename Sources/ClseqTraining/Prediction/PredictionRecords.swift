public import ClseqData
import Foundation

/// Turns what a model says into records: one for each item of a ranking, one for each user, or one for
/// each event where events are asked about.
public struct PredictionRecords: Sendable {
  private let run: TrainedRun
  private let dataset: SequenceDataset

  /// Records of a dataset's users.
  public init(_ run: TrainedRun, of dataset: SequenceDataset) {
    self.run = run
    self.dataset = dataset
  }

  /// The names of the fields, and of what is inside them, that every record has.
  public var names: [PredictionField] {
    let heads = run.description.heads.map {
      Prediction($0.goal, [Float](repeating: 0, count: $0.goal.outputCount))
    }
    let items = run.ranksItems ? [RankedItem(item: 1, score: 0)] : []
    return records(of: PredictedRow(user: 0, place: 0, items: items, heads: heads))[0]
  }

  /// The records of a row. A user for whom no item is left has none, or one of what the heads say.
  public func records(of row: PredictedRow) -> [[PredictionField]] {
    var subject = [PredictionField("user", .text(dataset.users[row.user]))]
    if run.asksAboutEvents {
      subject.append(PredictionField("item", self.item(dataset.items[row.place]).map { .text($0) }))
      if let times = dataset.times {
        subject.append(PredictionField("time", .text(Self.text(ofTime: times[row.place]))))
      }
    }
    let hasSeveral = run.ranksItems || row.heads.count > 1
    let said = zip(run.description.heads, row.heads).flatMap { head, prediction in
      prediction.fields(prefix: hasSeveral ? "\(head.target)." : "")
    }
    guard run.ranksItems else { return [subject + said] }
    if row.items.isEmpty, !said.isEmpty {
      let none = ["rank", "item", "score"].map { PredictionField($0, nil) }
      return [subject + none + said]
    }
    return row.items.enumerated().map { place, item in
      subject + [
        PredictionField("rank", .integer(place + 1)),
        PredictionField("item", self.item(item.item).map { .text($0) }),
        PredictionField("score", .number(Double(item.score))),
      ] + said
    }
  }

  /// The token of an item; nil for the unknown one.
  private func item(_ index: Int32) -> String? {
    index <= dataset.itemCount ? dataset.vocabulary[Int(index)] : nil
  }

  /// A time in microseconds since 1970 after ISO 8601, in UTC, with a fraction where there is one.
  static func text(ofTime microseconds: Int64) -> String {
    let (seconds, rest) = microseconds.quotientAndRemainder(dividingBy: 1_000_000)
    let whole = rest < 0 ? seconds - 1 : seconds
    let text = Date(timeIntervalSince1970: Double(whole)).formatted(.iso8601)
    guard rest != 0 else { return text }
    let fraction = String(rest < 0 ? rest + 1_000_000 : rest)
    return text.dropLast() + "." + String(repeating: "0", count: 6 - fraction.count) + fraction
      + "Z"
  }
}
