import ArgumentParser
import Clseq
import Foundation

/// Lists runs with their scores.
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "List the runs below a folder with their scores.",
    discussion: """
      Scores are those of the figure by which the run's epochs are chosen, such as NDCG@10. Nothing \
      but the files of a run is read, so runs whose log is gone are listed too. Folders that are not \
      runs, and damaged runs, are skipped with a note.
      """)

  @Argument(help: ArgumentHelp("The folder.", valueName: "folder"), completion: .directory)
  var folder = "runs"
  @Option(
    help: ArgumentHelp(
      "By date (newest first), by name, or by a figure (NDCG@10), the best first.",
      discussion: "Runs without a figure of the test targets follow, by that of the validation.",
      valueName: "date|name|figure"))
  var sort = "date"
  @OptionGroup(title: "Settings") var options: SettingOptions<OutputSettings>

  func run() throws {
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    guard folder != "runs" || FileManager.default.fileExists(atPath: folder) else {
      throw NoRunsFolder()
    }
    let list = try RunList(below: folder)
    for fault in list.faults { Console.warn("passed over: \(fault.reason)", settings) }
    let table = try RunTable(list.runs, below: folder, sortedBy: sort)
    try Console.show(table, as: settings.format) { table.text }
  }
}

/// There is no folder of the name under which runs stand where they get no other.
struct NoRunsFolder: Error, CustomStringConvertible {
  var description: String {
    "there is no folder runs here: `clseq train` makes it, and `clseq runs .` lists runs with names of "
      + "their own in this folder"
  }
}
