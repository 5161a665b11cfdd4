@testable import ClseqData

/// A table of attributes, in the format that its name tells: every row can be asked for all it has.
struct AttributeTarget: FuzzTarget {
  /// The name of the file.
  let name: String

  func run(_ input: [UInt8]) {
    WorkingFolder.write(input, to: name)
    for toleratedFaultCount in [0, 3] {
      let options = ReadingOptions(tolerated: .count(toleratedFaultCount))
      guard let read = try? AttributeReader.read(name, of: .user, kinds: [:], options) else {
        continue
      }
      require(read.keys.count == read.table.rowCount, "a row without a key")
      for attribute in read.table.attributes {
        for row in 0..<read.table.rowCount {
          let count =
            attribute.isNumeric ? attribute.numbers(of: row).count : attribute.tokens(of: row).count
          require(count <= input.count, "more values than there are bytes")
        }
      }
    }
  }
}
