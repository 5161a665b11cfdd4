import ArgumentParser
import Clseq
import ClseqDiagnosis
import ClseqOps
import ClseqRuntime
import ClseqTraining
import Foundation

/// Checks that kernels compute what they must on a device.
struct DoctorCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "doctor", abstract: "Check every kernel on a device against the reference.",
    discussion: """
      Drivers compile some kernels wrong. Every kernel runs on small cases, and what comes out is compared \
      with plain loops on the host. Ends with status 69 where something is wrong.
      """)

  @Flag(help: "Check the forms of kernels for all kinds of devices, not that for this one alone.")
  var allTunings = false
  @OptionGroup(title: "Settings") var options: SettingOptions<DoctorSettings>

  /// What is printed as JSON.
  private struct Report: Encodable {
    let version: String
    let device: String
    let driver: String
    let cache: String
    let suspects: [String]
    let outcomes: [KernelDiagnosis.Outcome]
  }

  func run() throws {
    let settings = try SettingResolution(environment: ProcessInfo.processInfo.environment)
      .standalone(options: options.values)
    guard settings.device != "reference" else {
      throw SettingsError.doNotFit("the reference is what doctor compares with: name a device")
    }
    let device = try DeviceRoad.device(settings)
    let tunings: [Tuning] =
      allTunings
      ? [.cpu(vectorWidth: 8), .cpu(vectorWidth: 16), .gpu]
      : [settings.tuning.tuning ?? Tuning(for: device)]
    let diagnosis = try KernelDiagnosis(
      of: device, tunings: tunings, sourceFolder: settings.kernels.isEmpty ? nil : settings.kernels
    ) { outcome in
      Console.detail("\(outcome.tuning) \(outcome.name)", settings)
    }
    let report = Report(
      version: clseqVersion, device: device.name, driver: device.driverVersion,
      cache: KernelCache.description, suspects: diagnosis.suspects, outcomes: diagnosis.outcomes)
    try Console.show(report, as: settings.format) { Self.text(of: report) }
    let faultyCount = diagnosis.outcomes.count { !$0.faults.isEmpty }
    if faultyCount > 0 { throw WrongKernels(count: faultyCount) }
  }

  private static func text(of report: Report) -> String {
    var lines = [
      "clseq   \(report.version)", "device  \(report.device)", "driver  \(report.driver)",
      "cache   \(report.cache)", "",
    ]
    for outcome in report.outcomes {
      let state = outcome.faults.isEmpty ? "right" : "WRONG"
      lines.append(
        "\(state)  \(outcome.tuning) \(outcome.name): \(counted(outcome.kernels.count, "kernel"))")
      lines += outcome.faults.map { "       \($0)" }
      if !outcome.faults.isEmpty {
        lines.append("       kernels: \(outcome.kernels.joined(separator: ", "))")
      }
    }
    if !report.suspects.isEmpty {
      lines += ["", "nowhere right: \(report.suspects.joined(separator: ", "))"]
    }
    return lines.map { $0 + "\n" }.joined()
  }
}

/// Kernels that do not compute what they must.
struct WrongKernels: Error, CustomStringConvertible {
  /// Cases with faults.
  let count: Int

  var description: String {
    "\(count == 1 ? "1 case is" : "\(count) cases are") wrong on this device: do not use models trained on it"
  }
}

/// What `doctor` takes.
enum DoctorSettings: SettingSubset {
  static let paths: [any SettingPath] = [\.device, \.tuning, \.kernels] + OutputSettings.paths
}
