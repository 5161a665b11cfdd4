import ClseqBase
import ClseqData
import ClseqRuns

/// Turns what a model says into records: one for each item of a ranking, one for each user, or one for
/// each event where outcomes of events are predicted.
///
/// | field | there |
/// |---|---|
/// | `user` | always |
/// | `item`, `time` | of the event, where the model predicts outcomes of events |
/// | `moment` | from when predictions look ahead, where that is not each user's last event |
/// | `until` | the moment and the horizon, for targets that look ahead |
/// | `target` | the predicted target, of a model with one head: `churn`, `label>=4` |
/// | `rank`, `item`, `score` | of a ranking |
/// | outputs of the heads | after `TARGET.` where there are several, or a ranking |
/// | truths and part | where ``KnownTruths`` are given |
///
/// Of a generated sequence each event is a record with `user`, `step` from 1, `item`, of a run that predicts types of
/// next events `type`, and `score`, which is the item's probability; `moment`, truths and part as above.
public struct PredictionRecords: Sendable {
  private let run: TrainedRun
  private let dataset: SequenceDataset
  private let truths: KnownTruths?
  /// What is the same of every record.
  private let question: [PredictionField]

  /// Records of a dataset's users.
  ///
  /// - Parameters:
  ///   - run: The run.
  ///   - data: The data of the predictions.
  ///   - truths: The true outcomes to add; nil for none.
  public init(_ run: TrainedRun, of data: NewData, truths: KnownTruths? = nil) {
    self.run = run
    self.truths = truths
    dataset = data.dataset
    var question: [PredictionField] = []
    if let moment = data.moment {
      question.append(PredictionField("moment", .text(TimeText.iso8601(moment))))
      if let horizon = run.description.horizon {
        let until = moment.addingReportingOverflow(horizon)
        question.append(
          PredictionField(
            "until", until.overflow ? nil : .text(TimeText.iso8601(until.partialValue))))
      }
    }
    if run.description.heads.count == 1, !run.ranksItems {
      question.append(PredictionField("target", .text(run.description.heads[0].target)))
    }
    self.question = question
  }

  /// The names of the fields, and of what is inside them, that every record has.
  public var names: [PredictionField] {
    let heads = run.description.heads.map {
      Prediction($0.goal, [Float](repeating: 0, count: $0.goal.outputCount))
    }
    let items = run.ranksItems ? [RankedItem(item: 1, score: 0)] : []
    return records(of: PredictedRow(user: 0, place: 0, items: items, heads: heads))[0]
  }

  /// The records of a row. A user without an item to rank has no record, or one with the outputs of the
  /// heads alone.
  public func records(of row: PredictedRow) -> [[PredictionField]] {
    var subject = [PredictionField("user", .text(dataset.users[row.user]))]
    if run.answersForEvents {
      subject.append(
        PredictionField("item", dataset.itemToken(at: row.place).map { .text($0) }))
      if let times = dataset.times {
        subject.append(PredictionField("time", .text(TimeText.iso8601(times[row.place]))))
      }
    }
    subject += question
    let hasSeveral = run.ranksItems || row.heads.count > 1
    let said = zip(run.description.heads, row.heads).flatMap { head, prediction in
      prediction.fields(prefix: hasSeveral ? "\(head.target)." : "")
    }
    let known = truths?.fields(of: row) ?? []
    guard run.ranksItems else { return [subject + said + known] }
    if row.items.isEmpty, !said.isEmpty {
      let none = ["rank", "item", "score"].map { PredictionField($0, nil) }
      return [subject + none + said + known]
    }
    return row.items.enumerated().map { place, item in
      subject + [
        PredictionField("rank", .integer(place + 1)),
        PredictionField("item", .text(dataset.vocabulary[Int(item.item)])),
        PredictionField("score", .number(Double(item.score))),
      ] + said + known
    }
  }

  /// The names of the fields of every generated event.
  public var generatedNames: [PredictionField] {
    let event = GeneratedEvent(item: 1, probability: 0, type: run.predictsTypes ? "" : nil)
    return records(of: GeneratedSequence(user: 0, place: 0, events: [event]))[0]
  }

  /// The records of a generated sequence, one for each event.
  public func records(of sequence: GeneratedSequence) -> [[PredictionField]] {
    let subject = [PredictionField("user", .text(dataset.users[sequence.user]))] + question
    return sequence.events.enumerated().map { step, event in
      subject + [
        PredictionField("step", .integer(step + 1)),
        PredictionField("item", .text(dataset.vocabulary[Int(event.item)])),
      ] + (event.type.map { [PredictionField("type", .text($0))] } ?? []) + [
        PredictionField("score", .number(event.probability))
      ] + (truths?.fields(of: sequence, step: step) ?? [])
    }
  }
}
