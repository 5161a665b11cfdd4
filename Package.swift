// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A Swift target under `Sources`, with the house's language settings: its own modules, then others.
func module(
  _ name: String, _ modules: [String], _ others: [Target.Dependency] = []
) -> Target {
  .target(
    name: name, dependencies: modules.map { .target(name: $0) } + others, swiftSettings: strict)
}

/// A program of the package.
///
/// - Parameter isExample: Whether it has only the public declarations of the modules, as another package.
func program(
  _ name: String, _ modules: [String], _ others: [Target.Dependency] = [], path: String? = nil,
  isExample: Bool = false
) -> Target {
  .executableTarget(
    name: name, dependencies: modules.map { .target(name: $0) } + others, path: path,
    packageAccess: !isExample, swiftSettings: strict)
}

/// The test target of one source target.
func tests(
  _ name: String, _ modules: [String] = [], _ others: [Target.Dependency] = []
) -> Target {
  .testTarget(
    name: "\(name)Tests",
    dependencies: (["ClseqTestSupport", name] + modules.filter { $0 != name })
      .map { .target(name: $0) } + others,
    swiftSettings: strict)
}

/// A product of another package. Who depends on `ClseqRuntime` alone asks for no traits, and fetches no
/// other package.
func product(_ name: String, _ package: String) -> Target.Dependency {
  .product(name: name, package: package, condition: .when(traits: ["Full"]))
}

let argumentParser = product("ArgumentParser", "swift-argument-parser")
let yams = product("Yams", "Yams")
let compression: [Target.Dependency] = ["CZlib", "CZstd"]
let sqlite = [product("GRDB", "GRDB.swift"), product("GRDBSQLite", "GRDB.swift")]

/// The commit that is built. Scripts tell it (`Scripts/commit`), because SwiftPM keeps what a manifest gave
/// and would not see a new commit; a change of the environment it does see.
let commit = Context.environment["SOURCE_COMMIT"] ?? ""

// Who imports a module names it here, also where another brings it: a target is built anew when a module
// changes that it depends on itself, and not when only one behind it does.
let runtime = ["ClseqRuntime", "ClseqOps", "ClseqNN", "ClseqModels"]
let data = ["ClseqBase", "ClseqData", "ClseqMetrics"]
let inference = runtime + data + ["ClseqSettings", "ClseqRuns", "ClseqInference"]
/// What `Clseq` gives on.
let library = inference + ["ClseqShop", "ClseqForecast", "ClseqTraining", "ClseqReport"]

let package = Package(
  name: "clseq",
  products: [
    .library(name: "ClseqRuntime", targets: ["ClseqRuntime"]),
    .library(name: "ClseqInference", targets: ["ClseqInference"]),
    .library(name: "Clseq", targets: ["Clseq"]),
    .executable(name: "clseq", targets: ["ClseqCommand"]),
  ],
  traits: [
    .default(enabledTraits: ["Full"]),
    .trait(
      name: "Full",
      description:
        "All products. Without it there is only ClseqRuntime, which needs no other package."),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
  ],
  targets: [
    .systemLibrary(
      name: "COpenCL", pkgConfig: "OpenCL", providers: [.apt(["ocl-icd-opencl-dev"])]),
    .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
    .target(name: "ClseqKernels", path: "Kernels", exclude: ["OpenCL"]),
    .target(name: "CBuild", cSettings: [.define("SOURCE_COMMIT", to: "\"\(commit)\"")]),
    module("ClseqBase", []),
    module("ClseqRuntime", [], ["COpenCL"]),
    module("ClseqOps", ["ClseqBase", "ClseqRuntime", "ClseqKernels"]),
    module("ClseqNN", ["ClseqBase", "ClseqOps"]),
    module("ClseqModels", ["ClseqBase", "ClseqNN", "ClseqOps"]),
    module("ClseqData", ["ClseqBase"], compression + sqlite),
    module("ClseqMetrics", ["ClseqBase"]),
    module("ClseqShop", ["ClseqBase", "ClseqData"]),
    module("ClseqForecast", ["ClseqBase", "ClseqData"]),
    module("ClseqSettings", runtime + ["ClseqBase", "ClseqData", "ClseqShop"], [yams]),
    module("ClseqRuns", ["ClseqRuntime", "ClseqOps", "ClseqModels"] + data + ["ClseqSettings"]),
    module("ClseqInference", runtime + data + ["ClseqShop", "ClseqSettings", "ClseqRuns"]),
    module("ClseqTraining", inference + ["ClseqForecast"]),
    module("ClseqReport", inference),
    module("Clseq", library + ["ClseqDiagnosis"]),
    module("ClseqDiagnosis", library),
    module("ClseqBenchmarks", library),
    program(
      "ClseqCommand", library + ["Clseq", "ClseqBenchmarks", "ClseqDiagnosis"],
      ["CBuild", yams, argumentParser]),
    program("TrainFromCode", library + ["Clseq"], path: "Examples/TrainFromCode", isExample: true),
    program("PredictFromCode", inference, path: "Examples/PredictFromCode", isExample: true),
    program("KernelCheck", library + ["Clseq", "ClseqDiagnosis"], path: "Tests/KernelCheck"),
    .target(
      name: "ClseqTestSupport", dependencies: ["ClseqNN", "ClseqOps", "ClseqRuntime"],
      path: "Tests/ClseqTestSupport", swiftSettings: strict),
    tests("ClseqBase"),
    tests("ClseqRuntime"),
    tests("ClseqOps", ["ClseqRuntime"]),
    tests("ClseqNN", ["ClseqBase", "ClseqOps", "ClseqRuntime"]),
    tests("ClseqModels", ["ClseqNN", "ClseqOps", "ClseqRuntime"]),
    tests("ClseqData", data + ["ClseqShop"], compression + sqlite),
    tests("ClseqMetrics"),
    tests("ClseqShop", data),
    tests("ClseqForecast", data + ["ClseqShop"]),
    tests("ClseqSettings", runtime + data + ["ClseqShop"]),
    tests("ClseqRuns", runtime + data + ["ClseqSettings"]),
    tests("ClseqInference", inference),
    tests("ClseqTraining", library),
    tests("ClseqReport", inference),
    tests("ClseqDiagnosis"),
    tests("ClseqBenchmarks", library),
    tests("ClseqCommand", library + ["Clseq"]),
  ],
  swiftLanguageModes: [.v6],
  cLanguageStandard: .c2x
)

// The stored inputs of the fuzzer, played to every parser (`Scripts/fuzz --replay`). The targets reach what is
// internal, so that they are built in debug mode alone.
if Context.environment["FUZZ_REPLAY"] != nil {
  package.targets.append(
    .executableTarget(
      name: "FuzzReplay",
      dependencies: library.map { .target(name: $0) } + compression + sqlite, path: "Tests/Fuzz",
      exclude: ["Seeds", "words.dict"], swiftSettings: strict + [.define("FUZZ_REPLAY")]))
}

// The pages of documentation (`Scripts/check docs`); users of the libraries do not fetch the plugin.
if Context.environment["DOCC"] != nil {
  package.dependencies.append(
    .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"))
}
