import Foundation
import Testing

/// Dependencies run one way: each module imports those below it, and no other.
@Suite struct PackageGraphTests {
  /// What each module may import of the package.
  private static let mayImport: [String: Set<String>] = {
    let data: Set = ["ClseqBase", "ClseqData", "ClseqMetrics"]
    let kernels: Set = ["ClseqRuntime", "ClseqOps", "ClseqNN", "ClseqModels"]
    let settings = kernels.union(["ClseqBase", "ClseqData", "ClseqShop", "ClseqSettings"])
    let runs = settings.union(data).union(["ClseqRuns"])
    let inference = runs.union(["ClseqInference"])
    let library = inference.union(["ClseqTraining", "ClseqForecast", "ClseqReport"])
    return [
      "ClseqBase": [], "ClseqRuntime": ["COpenCL"],
      "ClseqOps": ["ClseqBase", "ClseqRuntime", "ClseqKernels"],
      "ClseqNN": ["ClseqBase", "ClseqRuntime", "ClseqOps"],
      "ClseqModels": ["ClseqBase", "ClseqRuntime", "ClseqOps", "ClseqNN"],
      "ClseqData": ["ClseqBase", "CZlib", "CZstd"], "ClseqMetrics": ["ClseqBase"],
      "ClseqShop": ["ClseqBase", "ClseqData"], "ClseqForecast": ["ClseqBase", "ClseqData"],
      "ClseqSettings": settings, "ClseqRuns": runs, "ClseqInference": inference,
      "ClseqReport": inference.union(["ClseqReport"]),
      "ClseqTraining": inference.union(["ClseqTraining", "ClseqForecast"]),
      "Clseq": library.union(["ClseqDiagnosis"]),
      "ClseqDiagnosis": library,
      "ClseqBenchmarks": library,
      "ClseqCommand": library.union(["CBuild", "Clseq", "ClseqBenchmarks", "ClseqDiagnosis"]),
    ]
  }()

  private static let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Sources")

  /// The modules that a module's files import.
  private static func imports(of module: String) throws -> Set<String> {
    let files = FileManager.default.enumerator(atPath: sources.appending(path: module).path)
    var found: Set<String> = []
    for case let name as String in files ?? .init() where name.hasSuffix(".swift") {
      let url = sources.appending(path: "\(module)/\(name)")
      let text = try String(contentsOf: url, encoding: .utf8)
      found.formUnion(text.matches(of: /(?m)^.*\bimport (C\w+)$/).map { String($0.1) })
    }
    return found
  }

  private static func faults(_ imports: Set<String>, of module: String) -> [String] {
    imports.subtracting(mayImport[module] ?? []).subtracting([module])
      .filter {
        mayImport[$0] != nil || ["CZlib", "CZstd", "COpenCL", "ClseqKernels"].contains($0)
      }
      .sorted()
  }

  @Test(arguments: mayImport.keys.sorted())
  func aModuleImportsWhatIsBelowIt(_ module: String) throws {
    let imports = try Self.imports(of: module)
    #expect(Self.faults(imports, of: module) == [])
  }

  @Test func everyModuleIsKnown() throws {
    let names = try FileManager.default.contentsOfDirectory(atPath: Self.sources.path)
    #expect(names.filter { $0.hasPrefix("Clseq") }.sorted() == Self.mayImport.keys.sorted())
  }

  @Test func anImportThatRunsBackIsFound() {
    #expect(Self.faults(["ClseqTraining", "ClseqData"], of: "ClseqInference") == ["ClseqTraining"])
    #expect(Self.faults(["ClseqRuntime"], of: "ClseqData") == ["ClseqRuntime"])
  }
}
