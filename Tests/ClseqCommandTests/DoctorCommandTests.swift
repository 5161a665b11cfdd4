import ClseqTestSupport
import Foundation
import Testing

@Suite struct DoctorCommandTests {
  @Test func kernelsAreRightHere() throws {
    let result = try Program.run(["doctor", "--all-tunings"])
    #expect(result.status == 0, "\(result.errors)")
    #expect(result.output.contains("right  gpu recurrence") && !result.output.contains("WRONG"))
  }

  /// A sum of two tensors that is none is found, and the kernel is named.
  @Test func aWrongKernelIsNamed() throws {
    let folder = try TemporaryFolder()
    let sources = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
      .deletingLastPathComponent().deletingLastPathComponent().appending(path: "Kernels/OpenCL")
    try FileManager.default.copyItem(atPath: sources.path, toPath: folder.file("kernels"))
    let file = folder.file("kernels/activation.cl")
    let text = try String(contentsOfFile: file, encoding: .utf8)
    let broken = text.replacing(
      "return fmax(x, (vf)(0.0f)); }", with: "return fmax(x, (vf)(0.001f)); }")
    try #require(broken != text)
    try Data(broken.utf8).write(to: URL(fileURLWithPath: file))
    let result = try Program.run(
      ["doctor", "--kernels", folder.file("kernels"), "--format", "json"])
    #expect(result.status == 69, "\(result.errors)")
    #expect(result.output.contains("\"relu_forward\""))
    #expect(result.errors.contains("do not use models trained on it"))
  }
}
