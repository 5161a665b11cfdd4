import ClseqData
import ClseqTestSupport
import Testing

@Suite struct ItemVectorTests {
  /// A `.npy` file of version 1 by hand.
  private func file(_ header: String, _ data: [UInt8], version: UInt8 = 1) -> [UInt8] {
    let text = Array(header.utf8) + [0x0A]
    let length = [UInt8(text.count & 0xFF), UInt8(text.count >> 8)]
    return [0x93] + Array("NUMPY".utf8) + [version, 0] + length + (version == 1 ? [] : [0, 0])
      + text + data
  }

  private func floats(_ values: [Float]) -> [UInt8] {
    values.flatMap { withUnsafeBytes(of: $0.bitPattern.littleEndian) { Array($0) } }
  }

  private let header = "{'descr': '<f4', 'fortran_order': False, 'shape': (3, 2), }"

  @Test(arguments: [UInt8(1), 2, 3]) func readsAMatrix(_ version: UInt8) throws {
    let folder = try TemporaryFolder()
    let values: [Float] = [1, 2, 3, 4, 5, 6]
    let path = try folder.write(file(header, floats(values), version: version), to: "v.npy")
    let matrix = try NumPyFile(path: path)
    #expect(matrix.rowCount == 3 && matrix.width == 2 && matrix.values == values)
  }

  @Test func readsDoubles() throws {
    let folder = try TemporaryFolder()
    let bytes = [0.5, -2].flatMap { (value: Double) in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    let text = "{'descr': '<f8', 'fortran_order': False, 'shape': (1, 2), }"
    let path = try folder.write(file(text, bytes), to: "v.npy")
    #expect(try NumPyFile(path: path).values == [0.5, -2])
  }

  @Test(
    arguments: [
      "{'descr': '<f4', 'fortran_order': True, 'shape': (3, 2), }",
      "{'descr': '<i4', 'fortran_order': False, 'shape': (3, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (6,), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (4, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9223372036854775807, 2), }",
      "{'descr': '<f4', 'fortran_order': False, 'shape': (-3, 2), }",
      "{'fortran_order': False, 'shape': (3, 2), }", "",
    ])
  func refusesWhatItDoesNotRead(_ text: String) throws {
    let folder = try TemporaryFolder()
    let path = try folder.write(file(text, floats([1, 2, 3, 4, 5, 6])), to: "v.npy")
    #expect(throws: DataError.self) { try NumPyFile(path: path) }
  }

  @Test func refusesAFileThatIsCutOff() throws {
    let folder = try TemporaryFolder()
    let bytes = file(header, floats([1, 2, 3, 4, 5, 6]))
    for count in bytes.indices {
      let path = try folder.write(bytes.prefix(count), to: "v.npy")
      #expect(throws: DataError.self) { try NumPyFile(path: path) }
    }
  }

  @Test func vectorsAreAnAttributeOfItems() throws {
    let folder = try TemporaryFolder()
    let log = try folder.write("u b\nu a\nu c\nv a\nv b\nv a\n".utf8, to: "log.txt")
    var dataset = try SequenceDataset.load(path: log)
    _ = try folder.write("a\nb\nz\n".utf8, to: "v.ids")
    try dataset.attach(
      ItemVectors([1, 2, 3, 4, 5, 6], width: 2, path: folder.file("v.npy")))
    let attribute = try #require(dataset.itemAttributes?[ItemVectors.name])
    let rows = (1...3).map { (dataset.vocabulary[$0], attribute.numbers(of: $0 - 1)) }
    for (token, numbers) in rows {
      switch token {
      case "a": #expect(numbers == [1, 2])
      case "b": #expect(numbers == [3, 4])
      default: #expect(numbers.allSatisfy { $0.isNaN })
      }
    }
    _ = try folder.write("x\ny\r\nz\n".utf8, to: "v.ids")
    let strangers = try ItemVectors([1, 2, 3, 4, 5, 6], width: 2, path: folder.file("v.npy"))
    #expect(throws: DataError.self) { try dataset.attach(strangers) }
    _ = try folder.write("a\nb\n".utf8, to: "v.ids")
    #expect(throws: DataError.self) {
      try ItemVectors([1, 2, 3, 4, 5, 6], width: 2, path: folder.file("v.npy"))
    }
    #expect(throws: DataError.self) {
      try ItemVectors([1, .nan, 3, 4], width: 2, path: folder.file("v.npy"))
    }
  }
}
