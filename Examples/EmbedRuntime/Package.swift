// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "EmbedRuntime",
  dependencies: [
    // In a project of your own: .package(url: "https://…/clseq", from: "0.1.0", traits: [])
    // Without traits clseq brings no other package, and ClseqRuntime alone.
    .package(name: "clseq", path: "../..", traits: [])
  ],
  targets: [
    .executableTarget(
      name: "EmbedRuntime", dependencies: [.product(name: "ClseqRuntime", package: "clseq")])
  ],
  swiftLanguageModes: [.v6]
)
