// swift-tools-version: 6.2
import PackageDescription

let strict: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

/// A Swift target under `Sources`, with the house's language settings.
func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The test target of one source target.
func tests(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
  .testTarget(
    name: "\(name)Tests", dependencies: ["ClseqTestSupport", .target(name: name)] + dependencies,
    swiftSettings: strict)
}

let argumentParser = Target.Dependency.product(
  name: "ArgumentParser", package: "swift-argument-parser")

let sqlite: [Target.Dependency] = [
  .product(name: "GRDB", package: "GRDB.swift"),
  .product(name: "GRDBSQLite", package: "GRDB.swift"),
]

/// The commit that is built. Scripts tell it (`Scripts/commit`), because SwiftPM keeps what a manifest gave
/// and would not see a new commit; a change of the environment it does see.
let commit = Context.environment["SOURCE_COMMIT"] ?? ""

/// What `Clseq` gives on. Who imports it names them too: a target is built anew when a module changes that
/// it depends on itself, and not when only one behind it does.
let library: [Target.Dependency] = [
  "ClseqBase", "ClseqData", "ClseqForecast", "ClseqMetrics", "ClseqModels", "ClseqNN", "ClseqOps",
  "ClseqRuntime", "ClseqShop", "ClseqTraining",
]

let package = Package(
  name: "clseq",
  products: [
    .library(name: "ClseqRuntime", targets: ["ClseqRuntime"]),
    .library(name: "Clseq", targets: ["Clseq"]),
    .executable(name: "clseq", targets: ["ClseqCommand"]),
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
    module("ClseqRuntime", ["COpenCL"]),
    module("ClseqOps", ["ClseqRuntime", "ClseqKernels"]),
    module("ClseqNN", ["ClseqBase", "ClseqOps"]),
    module("ClseqData", ["ClseqBase", "CZlib", "CZstd"] + sqlite),
    module("ClseqShop", ["ClseqBase", "ClseqData"]),
    module("ClseqForecast", ["ClseqBase", "ClseqData"]),
    module("ClseqMetrics", ["ClseqBase"]),
    module("ClseqModels", ["ClseqNN", "ClseqOps"]),
    module(
      "ClseqTraining",
      [
        "ClseqBase", "ClseqData", "ClseqMetrics", "ClseqModels", "ClseqNN", "ClseqOps",
        "ClseqRuntime", "ClseqShop", "Yams",
      ]),
    module("Clseq", library),
    module(
      "ClseqDiagnosis",
      [
        "ClseqBase", "ClseqData", "ClseqModels", "ClseqNN", "ClseqOps", "ClseqRuntime", "ClseqShop",
        "ClseqTraining",
      ]),
    module(
      "ClseqBenchmarks", ["ClseqBase", "ClseqData", "ClseqOps", "ClseqRuntime", "ClseqTraining"]),
    .executableTarget(
      name: "ClseqCommand",
      dependencies: library + [
        "CBuild", "Clseq", "ClseqBenchmarks", "ClseqDiagnosis", "Yams",
        argumentParser,
      ],
      swiftSettings: strict),
    .executableTarget(
      name: "TrainFromCode", dependencies: library + ["Clseq"], path: "Examples/TrainFromCode",
      swiftSettings: strict),
    .executableTarget(
      name: "KernelCheck", dependencies: library + ["Clseq", "ClseqDiagnosis"],
      path: "Tests/KernelCheck", swiftSettings: strict),
    .target(
      name: "ClseqTestSupport", dependencies: ["ClseqNN", "ClseqOps", "ClseqRuntime"],
      path: "Tests/ClseqTestSupport", swiftSettings: strict),
    tests("ClseqRuntime", []),
    tests("ClseqOps", ["ClseqRuntime"]),
    tests("ClseqNN", ["ClseqBase", "ClseqOps", "ClseqRuntime"]),
    tests("ClseqBase", []),
    tests("ClseqData", ["ClseqBase", "ClseqMetrics", "ClseqShop", "CZlib", "CZstd"] + sqlite),
    tests("ClseqShop", ["ClseqBase", "ClseqData", "ClseqMetrics"]),
    tests("ClseqForecast", ["ClseqBase", "ClseqData", "ClseqShop"]),
    tests("ClseqMetrics", []),
    tests("ClseqModels", ["ClseqNN", "ClseqOps", "ClseqRuntime"]),
    tests(
      "ClseqTraining",
      [
        "ClseqBase", "ClseqData", "ClseqMetrics", "ClseqModels", "ClseqNN", "ClseqOps",
        "ClseqRuntime", "ClseqShop",
      ]),
    tests("ClseqBenchmarks", ["ClseqData", "ClseqOps"]),
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
      name: "FuzzReplay", dependencies: library + ["CZlib", "CZstd"] + sqlite, path: "Tests/Fuzz",
      exclude: ["Seeds", "words.dict"], swiftSettings: strict + [.define("FUZZ_REPLAY")]))
}
