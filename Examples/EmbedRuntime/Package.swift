// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "EmbedRuntime",
  dependencies: [
    // In a project of your own: .package(url: "https://…/clseq", from: "0.1.0")
    .package(name: "clseq", path: "../..")
  ],
  targets: [
    .executableTarget(
      name: "EmbedRuntime", dependencies: [.product(name: "ClseqRuntime", package: "clseq")])
  ],
  swiftLanguageModes: [.v6]
)
