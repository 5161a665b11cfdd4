public import ClseqBase
import Foundation

/// Shows the progress of a long task on standard error.
///
/// On a terminal a bar is drawn from half a second on, at most ten times a second; elsewhere a
/// plain line is written every few seconds.
public final class ProgressReport {
  /// How much is written, and how.
  public enum Style: Equatable, Sendable {
    /// Nothing.
    case silent
    /// A plain line every few seconds.
    case lines
    /// A bar in a terminal of so many columns.
    case bar(columns: Int, hasColour: Bool)
    /// A JSON object a line, every few seconds: a ``LogRecord``.
    case records
  }

  /// Seconds before the first bar, between two bars, and between two lines.
  static let barDelay = 0.5
  static let barInterval = 0.1
  static let lineInterval = 5.0

  private let style: Style
  private let write: (String) -> Void
  private let now: () -> Double

  private var label = ""
  private var total: Int?
  private var done = 0
  private var loss: Double?
  private var start = 0.0
  private var lastReport = 0.0
  private var isBarVisible = false
  /// The task that ``handler`` reported last; nil once that is done.
  private var task: String?

  /// - Parameters:
  ///   - style: the form of the output.
  ///   - write: takes text for standard error.
  ///   - now: a clock in seconds that never goes back.
  public init(
    style: Style, write: @escaping (String) -> Void = ProgressReport.standardError,
    now: @escaping () -> Double = ProgressReport.uptime
  ) {
    self.style = style
    self.write = write
    self.now = now
  }

  /// The bar goes away however a task ends.
  deinit { end() }

  /// Takes the progress of tasks, one after another.
  public var handler: ProgressHandler { { self.show($0) } }

  private func show(_ progress: TaskProgress) {
    if progress.task != task {
      end()
      begin(progress.task, totalEvents: progress.total)
      task = progress.task
    }
    advance(to: progress.done)
    if progress.done == progress.total { end() }
  }

  /// Begins a task of `total` events, nil where that is not known: an epoch, an evaluation.
  public func begin(_ label: String, totalEvents total: Int?) {
    self.label = label.printable
    self.total = total
    done = 0
    loss = nil
    start = now()
    lastReport = start
  }

  /// Counts as done what is up to `count` events.
  public func advance(to count: Int) { advance(events: max(0, count - done)) }

  /// Counts a batch as done.
  ///
  /// - Parameters:
  ///   - events: the events of the step.
  ///   - loss: the mean loss of all so far, nil where there is none.
  public func advance(events: Int, loss: Double? = nil) {
    done += events
    self.loss = loss
    let time = now()
    switch style {
    case .silent: return
    case .lines:
      guard time - lastReport >= Self.lineInterval else { return }
      write(summary(at: time) + "\n")
    case .records:
      guard time - lastReport >= Self.lineInterval else { return }
      write(record(at: time).line)
    case .bar(let columns, let hasColour):
      guard time - start >= Self.barDelay, time - lastReport >= Self.barInterval else { return }
      let text = bar(summary(at: time), columns: columns, hasColour: hasColour)
      write("\r\u{1B}[K" + text)
      isBarVisible = true
    }
    lastReport = time
  }

  /// Ends the task: the bar goes away.
  public func end() {
    if isBarVisible { write("\r\u{1B}[K") }
    isBarVisible = false
    task = nil
  }

  /// Writes a line of its own, such as the result of an epoch.
  public func note(_ line: String) {
    guard style != .silent else { return }
    end()
    write(style == .records ? LogRecord(.note, line).line : line + "\n")
  }

  private func record(at time: Double) -> LogRecord {
    var record = LogRecord(.progress)
    (record.task, record.done, record.total) = (label, done, total)
    record.loss = done > 0 ? loss : nil
    record.rate = (10 * Double(done) / max(time - start, 1e-9)).rounded() / 10
    return record
  }

  private func summary(at time: Double) -> String {
    let seconds = max(time - start, 1e-9)
    let rate = Double(done) / seconds
    var parts = [label, percent.map { "\($0) %" } ?? "\(done) events"]
    if let loss, done > 0 { parts.append("loss \(NumberText.fixed(loss, digits: 4))") }
    parts.append("\(Int(rate)) events/s")
    if let total, rate > 0, done < total {
      parts.append("\(Self.clock(Double(total - done) / rate)) left")
    }
    return parts.joined(separator: "  ")
  }

  private var percent: Int? {
    total.map { $0 > 0 ? min(100, 100 * done / $0) : 100 }
  }

  /// The summary after a bar that takes the remaining width.
  private func bar(_ summary: String, columns: Int, hasColour: Bool) -> String {
    let room = min(columns - summary.columnCount - 4, 40)
    guard room >= 8, let percent else { return String(summary.prefix(columns: columns - 1)) }
    let filled = room * percent / 100
    let full = String(repeating: "━", count: filled)
    let rest = String(repeating: "─", count: room - filled)
    return (hasColour ? "\u{1B}[32m\(full)\u{1B}[0m" : full) + rest + "  " + summary
  }
}

extension ProgressReport {
  /// Writes to standard error. Where that is full or closed the text is lost, and nothing else happens.
  public static func standardError(_ text: String) {
    _ = AppendingFile.put(Array(text.utf8), to: STDERR_FILENO)
  }

  /// Seconds since the machine was started.
  public static func uptime() -> Double { ProcessInfo.processInfo.systemUptime }

  /// A duration as `4:07` or `1:04:07`.
  package static func clock(_ seconds: Double) -> String {
    let whole = Int(min(seconds.rounded(), 359_999))
    func two(_ number: Int) -> String { number < 10 ? "0\(number)" : "\(number)" }
    let minutes = whole / 60 % 60
    return whole < 3600
      ? "\(minutes):\(two(whole % 60))"
      : "\(whole / 3600):\(two(minutes)):\(two(whole % 60))"
  }
}
