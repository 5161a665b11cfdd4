import ClseqData
import ClseqTestSupport
import Foundation
import Testing

@Suite struct TranslationTests {
  private func dataset(_ text: String) throws -> SequenceDataset {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try SequenceDataset.load(path: path, options: ReadingOptions(format: .sequences))
  }

  @Test func itemsKeepTheirTokens() throws {
    let trained = try dataset("u a b c d\n")
    let other = try dataset("v d x c b\nw x y z a\nz b a d c\n").translated(to: trained.vocabulary)
    #expect(other.userCount == 2 && other.itemCount == 4)
    #expect(
      (0..<2).map { other[$0].map { other.vocabulary[Int($0)] } } == [
        ["d", "c", "b"], ["b", "a", "d", "c"],
      ])
    #expect(other.users[0] == "v" && other.users[1] == "z")
    #expect(other.source.leftOutUserCount == 1 && other.source.leftOutEventCount == 5)
  }

  @Test func timesStayWithTheirEvents() throws {
    let trained = try dataset("u a b c\n")
    let rows = [("v", "a", 3), ("w", "a", 1), ("v", "x", 4), ("v", "b", 6), ("v", "c", 5)]
    let lines = rows.map { "\($0)\t\($1)\t\($2)\n" }.joined()
    let file = try TemporaryFile(
      "log.inter", "user_id:token\titem_id:token\ttimestamp:float\n" + lines)
    let other = try SequenceDataset.load(path: file.path).translated(to: trained.vocabulary)
    #expect(Array(other.items) == [1, 3, 2])
    #expect(other.times.map { Array($0) } == [3, 5, 6].map { $0 * 1_000_000 })
  }

  @Test func noneLeftIsAnError() throws {
    let trained = try dataset("u a b c d\n")
    let other = try dataset("v x y z\n")
    #expect(throws: DataError.self) { try other.translated(to: trained.vocabulary) }
  }
}
