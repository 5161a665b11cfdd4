import ClseqTraining
import Testing

@Suite struct ProgressReportTests {
  /// A clock that tests turn, and what was written.
  final class Terminal {
    var time = 100.0
    var output: [String] = []

    func report(_ style: ProgressReport.Style) -> ProgressReport {
      ProgressReport(style: style, write: { self.output.append($0) }, now: { self.time })
    }
  }

  let terminal = Terminal()

  @Test func silenceIsKept() {
    let report = terminal.report(.silent)
    report.begin("epoch 1", totalEvents: 100)
    terminal.time += 60
    report.advance(events: 50, loss: 1)
    report.note("done")
    report.end()
    #expect(terminal.output.isEmpty)
  }

  @Test func linesAreSparse() {
    let report = terminal.report(.lines)
    report.begin("epoch 2/9", totalEvents: 20_000)
    for _ in 0..<80 {
      terminal.time += 0.125
      report.advance(events: 125, loss: 2)
    }
    #expect(terminal.output.count == 2)
    #expect(terminal.output.first == "epoch 2/9  25 %  loss 2.0000  1000 events/s  0:15 left\n")
  }

  @Test func barsWaitAndAreBounded() {
    let report = terminal.report(.bar(columns: 100, hasColour: false))
    report.begin("epoch 1", totalEvents: 1000)
    terminal.time += 0.4
    report.advance(events: 100, loss: 3)
    #expect(terminal.output.isEmpty)
    for _ in 0..<90 {
      terminal.time += 0.01
      report.advance(events: 10, loss: 1)
    }
    // From 0.5 s on, at most ten a second.
    #expect((5...9).contains(terminal.output.count))
    #expect(terminal.output.allSatisfy { $0.hasPrefix("\r\u{1B}[K") && $0.count < 104 })
    report.end()
    #expect(terminal.output.last == "\r\u{1B}[K")
  }

  @Test func coloursAreAskedFor() {
    for hasColour in [false, true] {
      let report = terminal.report(.bar(columns: 100, hasColour: hasColour))
      report.begin("x", totalEvents: 10)
      terminal.time += 1
      report.advance(events: 5)
      #expect(terminal.output.last?.contains("\u{1B}[32m") == hasColour)
      #expect(terminal.output.last?.contains("loss") == false)
    }
  }

  @Test(arguments: [0, 1, 20, 40, 300])
  func barsFitTheirTerminal(columns: Int) {
    let report = terminal.report(.bar(columns: columns, hasColour: false))
    report.begin("epoch 1/200", totalEvents: 10)
    terminal.time += 1
    report.advance(events: 20, loss: 1)
    let line = terminal.output.last?.dropFirst("\r\u{1B}[K".count) ?? ""
    #expect(line.count < max(columns, 1))
  }

  @Test func notesClearTheBar() {
    let report = terminal.report(.bar(columns: 80, hasColour: false))
    report.begin("x", totalEvents: 10)
    terminal.time += 1
    report.advance(events: 5)
    report.note("epoch 1: better")
    #expect(terminal.output.suffix(2) == ["\r\u{1B}[K", "epoch 1: better\n"])
  }

  @Test func recordsAreObjects() throws {
    let report = terminal.report(.records)
    report.begin("epoch 1", totalEvents: 100)
    terminal.time += 5
    report.advance(events: 50, loss: 1.5)
    report.note("epoch 1: \"better\"")
    report.begin("reading", totalEvents: nil)
    terminal.time += 5
    report.advance(to: 1000)
    report.end()
    let first =
      #"{"done":50,"events_per_second":10,"level":"progress","loss":1.5,"task":"epoch 1","total":100}"#
    #expect(
      terminal.output == [
        first + "\n", #"{"level":"note","message":"epoch 1: \"better\""}"# + "\n",
        #"{"done":1000,"events_per_second":200,"level":"progress","task":"reading"}"# + "\n",
      ])
  }

  @Test func anUnknownTotalShowsACount() {
    for style in [ProgressReport.Style.lines, .bar(columns: 80, hasColour: true)] {
      let report = terminal.report(style)
      report.begin("reading", totalEvents: nil)
      terminal.time += 5
      report.advance(to: 400)
      report.advance(to: 1000)
      terminal.time += 5
      report.advance(to: 1000)
      #expect(terminal.output.last?.contains("reading  1000 events  100 events/s") == true)
      #expect(terminal.output.last?.contains("%") == false)
    }
  }

  @Test(arguments: [(0, "0:00"), (59.6, "1:00"), (247, "4:07"), (3847, "1:04:07")])
  func clocksAreShort(seconds: Double, text: String) {
    #expect(ProgressReport.clock(seconds) == text)
  }
}
