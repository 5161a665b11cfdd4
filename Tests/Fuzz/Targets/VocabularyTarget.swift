@testable import ClseqData

/// `vocabulary.txt` of a run: tokens keep their indices, and what is written reads the same.
struct VocabularyTarget: FuzzTarget {
  func run(_ input: [UInt8]) {
    WorkingFolder.write(input, to: "vocabulary.txt")
    guard let vocabulary = try? Vocabulary(contentsOf: "vocabulary.txt") else { return }
    for index in 1...vocabulary.count {
      require(vocabulary.index(of: vocabulary[index]) == Int32(index), "another index")
    }
    do throws(DataError) {
      try vocabulary.write(to: "copy.txt")
      require(try Vocabulary(contentsOf: "copy.txt") == vocabulary, "the copy is another")
    } catch {
      require(false, "the copy cannot be made: \(error)")
    }
  }
}
