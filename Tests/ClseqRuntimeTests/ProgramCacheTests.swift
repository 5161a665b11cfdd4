import ClseqRuntime
import ClseqTestSupport
import Foundation
import Testing

@Suite struct ProgramCacheTests {
  private let context: Context

  init() throws {
    context = try Context(try TestBackend.context().device)
  }

  private func source(_ value: String) -> KernelSource {
    KernelSource(
      name: "answer",
      text: """
        __attribute__((reqd_work_group_size(1, 1, 1))) __kernel void answer(__global int *out) {
          out[0] = \(value);
        }
        __attribute__((reqd_work_group_size(1, 1, 1))) __kernel void other(__global int *out) {
          out[0] = -1;
        }
        """)
  }

  private func run(_ kernel: Kernel, on context: Context) throws -> Int32 {
    let slice = try DeviceBuffer(context, byteCount: 4).slice()
    try context.launch(kernel, Grid(groups: 1), slice)
    var result: [Int32] = [0]
    try result.withUnsafeMutableBytes { try context.compute.read(slice, into: $0) }
    return result[0]
  }

  @Test func aKernelIsBuiltOnce() throws {
    let source = source("42")
    let first = try context.kernel("answer", of: source)
    #expect(try context.kernel("answer", of: source) === first)
    #expect(try context.kernel("other", of: source) !== first)
    #expect(first.name == "answer")
    #expect(first.argumentCount == 1)
    #expect(try run(first, on: context) == 42)
  }

  @Test func eachBuildIsToldBeforeAndAfter() throws {
    var told: [String] = []
    context.onBuild = { told.append("\($0.source) \($0.number) \($0.isDone)") }
    _ = try context.kernel("answer", of: source("42"))
    _ = try context.kernel("other", of: source("42"))
    #expect(throws: OpenCLError.self) { try context.kernel("answer", of: source("undeclared")) }
    _ = try context.kernel("answer", of: source("43"))
    #expect(
      told == [
        "answer 1 false", "answer 1 true", "answer 2 false", "answer 2 true", "answer 2 false",
        "answer 2 true",
      ])
  }

  @Test func optionsMakeAnotherProgram() throws {
    let source = source("VALUE")
    let one = try context.kernel("answer", of: source, options: ["-DVALUE=1"])
    let two = try context.kernel("answer", of: source, options: ["-DVALUE=2"])
    #expect(one !== two)
    #expect(try run(one, on: context) == 1)
    #expect(try run(two, on: context) == 2)
  }

  @Test func anotherTextUnderTheSameNameIsAnotherProgram() throws {
    #expect(try run(try context.kernel("answer", of: source("5")), on: context) == 5)
    #expect(try run(try context.kernel("answer", of: source("6")), on: context) == 6)
  }

  @Test func partsAreCompiledInOrder() throws {
    let shared = (name: "shared", text: "#define VALUE 9")
    let text = source("VALUE").parts[0].text
    let source = KernelSource(name: "answer", parts: [shared, (name: "answer", text: text)])
    #expect(try run(try context.kernel("answer", of: source), on: context) == 9)
  }

  @Test func aFailedBuildNamesSourceOptionsAndLog() throws {
    let broken = KernelSource(
      name: "broken",
      parts: [("shared", "#define ONE 1\n"), ("broken", "\n__kernel void k() { undeclared = 1; }")])
    let error = #expect(throws: OpenCLError.self) {
      _ = try context.kernel("k", of: broken, options: ["-DA=1", "-DB=2"])
    }
    guard case .build(let source, let options, let log) = try #require(error) else {
      Issue.record("not a failed build")
      return
    }
    #expect(source == "broken")
    #expect(options == "-cl-kernel-arg-info -DA=1 -DB=2")
    #expect(log.contains("undeclared"))
    #expect(log.contains("broken:2:"), "the line inside its own text")
  }

  @Test func aKernelThatTheSourceLacksIsAnError() throws {
    let error = OpenCLError.call(
      "clCreateKernel", code: -46, attempted: "creating kernel absent of 'answer'")
    let source = source("1")
    #expect(throws: error) { try context.kernel("absent", of: source) }
  }

  @Test func aSourceFolderReplacesTheTexts() throws {
    let folder = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString)
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { try? FileManager.default.removeItem(at: folder) }
    try source("8").parts[0].text.write(
      to: folder.appending(path: "answer.cl"), atomically: true, encoding: .utf8)
    let edited = try Context(context.device, sourceFolder: folder.path)
    #expect(try run(try edited.kernel("answer", of: source("7")), on: edited) == 8)

    let missing = KernelSource(name: "elsewhere", text: "")
    let error = OpenCLError.noSource(path: "\(folder.path)/elsewhere.cl")
    #expect(throws: error) { try edited.kernel("k", of: missing) }
  }
}
