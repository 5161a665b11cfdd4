import ClseqBase
import ClseqOps
import ClseqRuntime
import Foundation

/// An OpenCL program that a training builds, with the launches of its kernels.
public struct PlannedProgram: Encodable, Equatable, Sendable {
  /// The launches of a kernel.
  public struct Kernel: Encodable, Equatable, Sendable {
    /// Its name.
    public let name: String
    /// Work-items of a group.
    public let size: [Int]
    /// Work-groups of its smallest launch, along three axes.
    public let smallest: [Int]
    /// Work-groups of its largest launch.
    public let largest: [Int]
    /// Maximum along each axis of all launches.
    public let extents: [Int]
  }

  /// The base name of its source.
  public let source: String
  /// The options that it is built with.
  public let options: [String]
  /// The kernels that are launched, by name.
  public let kernels: [Kernel]
  /// OpenCL C.
  let text: String

  private enum CodingKeys: String, CodingKey { case source, options, kernels }

  /// The programs of launches, by their sources and options.
  static func all(of launches: [CountedLaunch]) -> [PlannedProgram] {
    Dictionary(grouping: launches, by: \.programKey).sorted { $0.key < $1.key }.map { _, launches in
      let first = launches[0]
      return PlannedProgram(
        source: first.program.name, options: first.options,
        kernels: Dictionary(grouping: launches, by: \.kernel).sorted { $0.key < $1.key }.map {
          Kernel(name: $0, launches: $1.map(\.grid))
        }, text: first.program.text)
    }
  }

  /// Writes programs for compilers of other devices than those of this machine: files `NAME-N.cl`, and
  /// `programs.json` with their options and launches.
  ///
  /// - Parameters:
  ///   - programs: As ``TrainingPlan/programs`` has them.
  ///   - folder: Path of a folder that is not there yet.
  /// - Throws: `FileError` where it cannot be written.
  public static func write(_ programs: [PlannedProgram], to folder: String) throws {
    struct Entry: Encodable {
      let file: String
      let program: PlannedProgram
      private enum Key: String, CodingKey { case file }

      func encode(to encoder: any Encoder) throws {
        try program.encode(to: encoder)
        var container = encoder.container(keyedBy: Key.self)
        try container.encode(file, forKey: .file)
      }
    }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    } catch {
      throw FileError(.create, folder, reason: FileError.reason(of: error))
    }
    let entries = programs.enumerated().map { number, program in
      Entry(file: "\(program.source)-\(number + 1).cl", program: program)
    }
    for entry in entries {
      try DurableFiles.write(Array(entry.program.text.utf8), to: "\(folder)/\(entry.file)")
    }
    try DurableFiles.write(
      Array(JSONText.document(entries).utf8), to: "\(folder)/programs.json")
  }
}

extension PlannedProgram.Kernel {
  fileprivate init(name: String, launches: [Grid]) {
    func axes(_ value: (Int, Int, Int)) -> [Int] { [value.0, value.1, value.2] }
    let grids = launches.map { axes($0.groups) }
      .sorted { $0.reduce(1, *) < $1.reduce(1, *) }
    self.name = name
    size = axes(launches[0].size)
    (smallest, largest) = (grids[0], grids[grids.count - 1])
    extents = (0..<3).map { axis in grids.map { $0[axis] }.max() ?? 0 }
  }
}
