import ClseqNN
import ClseqTestSupport
import Foundation
import Testing

@Suite struct ParameterFileTests {
  static let tensors: [(name: String, shape: [Int], values: [Float])] = [
    ("scalar", [], [0.5]),
    ("blocks.0.attention.query.weight", [2, 3], [0, 0.25, 0.5, 0.75, 1, 1.25]),
    ("empty", [0, 4], []),
    ("odd \"name\" \u{E9}\n\u{1}", [2], [-1, .infinity]),
  ]

  @Test func readsWhatTheReferenceWrote() throws {
    let file = try ParameterFile(readingFrom: Fixture.path("parameters.safetensors"))
    #expect(file.metadata == ["format": "clseq"])
    try file.requireExactly(Self.tensors.map { ($0.name, $0.shape) })
    for tensor in Self.tensors {
      #expect(try file.floats(tensor.name, shape: tensor.shape) == tensor.values)
    }
  }

  @Test func writesTheBytesOfTheReference() throws {
    let folder = try TemporaryFolder()
    try ParameterFile.write(
      to: folder.file("out"), metadata: ["format": "clseq"],
      tensors: Self.tensors.map { ($0.name, $0.shape) }
    ) { name in Self.tensors.first { $0.name == name }?.values ?? [] }
    let bytes = try Data(contentsOf: URL(fileURLWithPath: folder.file("out")))
    #expect([UInt8](bytes) == (try Fixture.bytes("parameters.safetensors")))
    #expect(try folder.names() == ["out"])
  }

  @Test func knowsOtherElementTypes() throws {
    let file = try ParameterFile(readingFrom: Fixture.path("mixed.safetensors"))
    #expect(file.entry("flags")?.elementType == .bool)
    #expect(file.entry("halves")?.elementType == .float16)
    #expect(file.entry("counts")?.elementType == .int64)
    #expect(file.entry("counts")?.shape == [1, 1])
    #expect(try file.floats("scalar", shape: []) == [0.5])
    let error = #expect(throws: ParameterFileError.self) {
      try file.floats("halves", shape: [2])
    }
    #expect(
      error?.reason
        == .unexpectedElementType(name: "halves", expected: .float32, found: .float16))
  }

  @Test func refusesEveryPrefix() throws {
    let folder = try TemporaryFolder()
    let bytes = try Fixture.bytes("mixed.safetensors")
    for count in 0..<bytes.count {
      let path = try folder.write(bytes.prefix(count), to: "prefix")
      #expect(throws: ParameterFileError.self) { _ = try ParameterFile(readingFrom: path) }
    }
  }

  @Test(
    arguments: [
      (
        [("scalar", [])],
        ParameterFileError.Reason.unexpectedTensor("blocks.0.attention.query.weight")
      ),
      ([("other", [1])], .missingTensor("other")),
      ([("scalar", [1])], .unexpectedShape(name: "scalar", expected: [1], found: [])),
    ] as [([(String, [Int])], ParameterFileError.Reason)])
  func namesWhatDiffers(expected: [(String, [Int])], reason: ParameterFileError.Reason) throws {
    let file = try ParameterFile(readingFrom: Fixture.path("parameters.safetensors"))
    let error = #expect(throws: ParameterFileError.self) {
      try file.requireExactly(expected.map { (name: $0.0, shape: $0.1) })
    }
    if case .unexpectedTensor = reason {
      guard case .unexpectedTensor = error?.reason else {
        Issue.record("\(String(describing: error))")
        return
      }
    } else {
      #expect(error?.reason == reason)
    }
  }

  @Test func tellsOfAMissingFile() {
    let error = #expect(throws: ParameterFileError.self) {
      _ = try ParameterFile(readingFrom: "/nonexistent/file")
    }
    #expect(error?.description == "/nonexistent/file: cannot open it: No such file or directory")
  }

  @Test func leavesNothingBehindAFailedWrite() throws {
    struct Failure: Error {}
    let folder = try TemporaryFolder()
    #expect(throws: Failure.self) {
      try ParameterFile.write(to: folder.file("out"), tensors: [("a", [2])]) { _ in
        throw Failure()
      }
    }
    let counted = #expect(throws: ParameterFileError.self) {
      try ParameterFile.write(to: folder.file("out"), tensors: [("a", [2])]) { _ in [1] }
    }
    #expect(counted?.reason == .elementCount(name: "a", expected: 2, found: 1))
    let repeated = #expect(throws: ParameterFileError.self) {
      try ParameterFile.write(to: folder.file("out"), tensors: [("a", [1]), ("a", [2])]) { _ in [1]
      }
    }
    #expect(repeated?.reason == .duplicateName("a"))
    #expect(try folder.names() == [])
  }
}
