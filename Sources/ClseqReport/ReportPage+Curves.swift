import ClseqBase
import ClseqData
import ClseqInference
import ClseqRuns
import ClseqSettings

extension ReportPage {
  /// Loss, validation figures, learning rate and throughput over epochs.
  var curves: String {
    guard !report.epochs.isEmpty else {
      if case .baseline = report.settings.model {
        return paragraph("A baseline is fitted by counting and has no epochs.")
      }
      return paragraph("No epoch is done yet.")
    }
    var plots = [
      plot("loss", "Loss", "mean loss of training events", [("loss", \.loss)], hasBest: true)
    ]
    plots += figureNames.enumerated().map { index, figure in
      let names = figure.series.map { ($0.label, $0.name) }
      return plot(
        "validation-\(index)", "Validation \(figure.title)", figure.title,
        names.map { label, name in (label, { $0.validation[name] ?? .nan }) }, hasBest: true)
    }
    plots += [
      plot("rate", "Learning rate", "rate of the epoch's last step", [("rate", \.learningRate)]),
      plot(
        "speed", "Throughput", "events per second", [("events per second", \.eventsPerSecond)],
        includesZero: true),
    ]
    let gaps = report.epochs.count { !$0.loss.isFinite }
    let note =
      gaps == 0
      ? ""
      : paragraph(
        "The loss of \(gaps) \(gaps == 1 ? "epoch" : "epochs") is not a finite number and is not drawn."
      )
    return note + "<div class=\"plots\">\n\(plots.joined())</div>\n"
  }

  private func plot(
    _ id: String, _ title: String, _ axis: String,
    _ series: [(name: String, value: (EpochMetrics) -> Double)], hasBest: Bool = false,
    includesZero: Bool = false
  ) -> String {
    let plot = LinePlot(
      id: id, title: title, axis: axis,
      series: series.map { series in
        .init(name: series.name, values: report.epochs.map { ($0.epoch, series.value($0)) })
      }, best: hasBest ? report.bestEpoch : nil, includesZero: includesZero)
    return "<figure>\n<h3>\(title.markup)</h3>\n\(plot.svg)</figure>\n"
  }

  /// The validation figures, those of one metric at several cutoffs in one plot.
  private var figureNames: [(title: String, series: [(label: String, name: String)])] {
    var figures: [(title: String, series: [(label: String, name: String)])] = []
    let known = report.epochs.first?.validation.keys.sorted() ?? []
    for name in ScoreOrder.sorted(known, report.settings) {
      let parts = name.split(separator: "@")
      let (title, label) = (String(parts[0]), parts.count == 2 ? "at \(parts[1])" : name)
      if let place = figures.firstIndex(where: { $0.title == title }) {
        figures[place].series.append((label, name))
      } else {
        figures.append((title, [(label, name)]))
      }
    }
    return figures
  }

  // MARK: - Scores

  /// The scores of the run beside those of baselines.
  var comparison: String {
    guard let scoring = report.scoring else {
      guard let best = bestMetrics else { return absence }
      var table = HTMLTable(header: ["metric", "validation"])
      for name in scoreNames {
        table.append([name, ReportNumber.figure(best.validation[name])])
      }
      return absence + paragraph("Figures of the best epoch, from the log of training:")
        + table.html
    }
    return "<div class=\"plots\">\n\(chart(scoring))\(table(scoring))</div>\n"
  }

  private func chart(_ scoring: RunReport.Scoring) -> String {
    guard let name = decidingName,
      let score = scoring.scores.first(where: { $0.name == name })
    else { return "" }
    let own = IntervalPlot.Bar(
      label: report.settings.model.rawValue, value: score.value,
      interval: scoring.intervals[name] ?? [])
    let others = scoring.others.compactMap { other in
      other.scores[name].map { IntervalPlot.Bar(label: other.title, value: $0, isMuted: true) }
    }
    let title = "\(name), \(report.part.rawValue)"
    let plot = IntervalPlot(id: "scores", title: title, axis: name, bars: [own] + others)
    return "<figure>\n<h3>\(title.markup)</h3>\n\(plot.svg)</figure>\n"
  }

  private func table(_ scoring: RunReport.Scoring) -> String {
    let epoch = report.part == .test ? bestMetrics : nil
    let hasIntervals = !scoring.intervals.isEmpty
    var table = HTMLTable(
      header: ["metric"] + (epoch == nil ? [] : ["validation"]) + [report.part.rawValue]
        + scoring.others.map(\.title) + (hasIntervals ? ["95 % interval"] : []))
    for (name, value) in scoring.scores {
      let bounds = scoring.intervals[name].map { $0.map { ReportNumber.figure($0) } }
      table.append(
        [name] + (epoch.map { [ReportNumber.figure($0.validation[name])] } ?? [])
          + [ReportNumber.figure(value)]
          + scoring.others.map { $0.scores[name].map { ReportNumber.figure($0) } ?? "" }
          + (hasIntervals ? [bounds.map { "\($0[0]) to \($0[1])" } ?? ""] : []))
    }
    return table.html
  }

  // MARK: - Groups

  /// A metric by history length and by the target's popularity.
  var groups: String {
    guard let scoring = report.scoring else { return absence }
    let figures = scoring.groups.enumerated().map { index, grouping in
      let metric = grouping.metric
      let title = "\(metric) by \(grouping.title), \(report.part.rawValue)"
      let plot = IntervalPlot(
        id: "groups-\(index)", title: title, axis: metric,
        bars: grouping.rows.map {
          .init(label: $0.group, value: $0.value, interval: $0.interval ?? [])
        })
      var table = HTMLTable(header: ["group", "users", metric, "95 % interval"])
      for row in grouping.rows {
        let bounds = (row.interval ?? []).map { ReportNumber.figure($0) }
        table.append([
          row.group, ReportNumber.count(Double(row.users)), ReportNumber.figure(row.value),
          bounds.joined(separator: " to "),
        ])
      }
      return "<figure>\n<h3>\(title.markup)</h3>\n\(plot.svg)\(table.html)</figure>\n"
    }
    return "<div class=\"plots\">\n\(figures.joined())</div>\n"
  }
}
