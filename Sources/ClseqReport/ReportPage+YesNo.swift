import ClseqBase
import ClseqData
import ClseqMetrics

extension ReportPage {
  /// Thresholds, precision and recall, calibration and deciles of a yes-or-no target.
  func yesNo(_ curves: YesNoCurves) -> String {
    let part = report.part.rawValue
    let intro = paragraph(
      "\(ReportNumber.count(Double(curves.cases))) cases; the share of yes is "
        + "\(ReportNumber.figure(curves.positives)).")
    return intro + "<div class=\"plots\">\n"
      + [
        figure("Precision and recall, \(part)", precisionRecall(curves), thresholds(curves)),
        figure("Calibration, \(part)", calibration(curves), ""),
        figure("Lift by decile of probability, \(part)", lift(curves), deciles(curves)),
      ].joined() + "</div>\n"
  }

  private func figure(_ title: String, _ plot: String, _ table: String) -> String {
    "<figure>\n<h3>\(title.markup)</h3>\n\(plot)\(table)</figure>\n"
  }

  private func precisionRecall(_ curves: YesNoCurves) -> String {
    CurvePlot(
      id: "precision-recall", title: "Precision by recall", axes: ("recall", "precision"),
      series: [
        .init(
          name: "model",
          points: curves.precisionRecall.compactMap { row in
            row.precision.map { (row.recall, $0) }
          }),
        .init(name: "chance", points: [(0, curves.positives), (1, curves.positives)]),
      ]
    ).svg
  }

  private func calibration(_ curves: YesNoCurves) -> String {
    CurvePlot(
      id: "calibration", title: "Share of yes by predicted probability",
      axes: ("mean probability of a bin of equal mass", "share of yes"),
      series: [
        .init(
          name: "model", points: curves.calibration.map { ($0.meanProbability, $0.share) },
          hasDots: true),
        .init(name: "perfect", points: [(0, 0), (1, 1)]),
      ]
    ).svg
  }

  private func lift(_ curves: YesNoCurves) -> String {
    IntervalPlot(
      id: "lift", title: "Lift by decile", axis: "lift",
      bars: curves.deciles.map { .init(label: "decile \($0.decile)", value: $0.lift) }
    ).svg
  }

  private func thresholds(_ curves: YesNoCurves) -> String {
    var table = HTMLTable(header: ["threshold", "flagged", "precision", "recall", "F1"])
    for row in curves.thresholds + [curves.bestF1] {
      table.append(
        [row.threshold, row.flagged, row.precision, row.recall, row.f1].map {
          ReportNumber.figure($0)
        })
    }
    return table.html + paragraph("The last line has the greatest F1.")
  }

  private func deciles(_ curves: YesNoCurves) -> String {
    var table = HTMLTable(
      header: ["decile", "cases", "probability", "share of yes", "lift", "captured"])
    for row in curves.deciles {
      table.append(
        ["\(row.decile)", ReportNumber.count(Double(row.cases))]
          + [row.meanProbability, row.share, row.lift, row.captured].map {
            ReportNumber.figure($0)
          })
    }
    return table.html
  }
}
