import ArgumentParser
import Clseq
import Foundation

/// Prints the manual.
struct ManCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "man", abstract: "Print the manual page, in mdoc.",
    discussion: """
      `clseq man > clseq.1 && man -l clseq.1` shows it. Its date is that of SOURCE_DATE_EPOCH, or today.
      """)

  @OptionGroup(title: "Settings") var options: SettingOptions<DiagnosticSettings>

  func run() throws {
    let epoch = ProcessInfo.processInfo.environment["SOURCE_DATE_EPOCH"].flatMap(Double.init)
    let date = epoch.map { Date(timeIntervalSince1970: $0) } ?? Date()
    let root = try HelpBasis.$current.withValue(.all) {
      try CommandDescription(dump: ClseqCommand._dumpHelp())
    }
    try Console.write(ManualPage(root, date: date).text)
  }
}
