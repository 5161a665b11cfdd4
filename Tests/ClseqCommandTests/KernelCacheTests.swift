import ClseqRuntime
import ClseqTestSupport
import Foundation
import Testing

private let hasPocl =
  (try? Device.select("cpu").platformName.hasPrefix("Portable Computing")) == true

/// Where the kernels that pocl builds are kept, seen from outside.
@Suite(.enabled(if: hasPocl, "the CPU's OpenCL is not pocl"))
struct KernelCacheTests {
  private func train(cacheHome: String, in folder: TemporaryFolder) throws -> Program.Result {
    try Program.run(
      [
        "train", "--device", "cpu", "--epochs", "1", "--max-time", "1e-9s", "--run",
        folder.file("run"),
      ],
      environment: ["XDG_CACHE_HOME": cacheHome, "POCL_CACHE_DIR": ""])
  }

  /// A home that cannot be written is told, and costs no more than the time to build kernels anew.
  @Test func aCacheThatCannotBeWrittenIsNoObstacle() throws {
    let folder = try TemporaryFolder()
    let result = try train(cacheHome: "/dev/null", in: folder)
    #expect(result.status == 0, "\(result.errors)")
    #expect(
      result.errors.contains(
        "/dev/null/clseq/kernels: Not a directory: kernels are built in a temporary folder"))
  }

  /// The first start tells that it builds; a second has nothing to build, and tells nothing.
  @Test func kernelsAreKept() throws {
    let folder = try TemporaryFolder()
    let result = try train(cacheHome: folder.file("cache"), in: folder)
    #expect(result.status == 0 && !result.errors.contains("temporary folder"), "\(result.errors)")
    #expect(result.errors.contains("building kernels: program "), "\(result.errors)")
    let kept = try FileManager.default.contentsOfDirectory(
      atPath: folder.file("cache/clseq/kernels"))
    #expect(kept.sorted() == ["folder-0", "lock", "pocl.archive"])

    let archive = folder.file("cache/clseq/kernels/pocl.archive")
    let before = try Data(contentsOf: URL(fileURLWithPath: archive))
    try FileManager.default.removeItem(atPath: folder.file("run"))
    let again = try train(cacheHome: folder.file("cache"), in: folder)
    #expect(again.status == 0 && !again.errors.contains("building kernels"), "\(again.errors)")
    #expect(try Data(contentsOf: URL(fileURLWithPath: archive)) == before)
  }
}
