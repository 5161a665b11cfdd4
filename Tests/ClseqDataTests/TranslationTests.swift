import ClseqData
import Foundation
import Testing

@Suite struct TranslationTests {
  private func dataset(_ text: String) throws -> SequenceDataset {
    let path = FileManager.default.temporaryDirectory.appending(path: UUID().uuidString).path
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    return try SequenceDataset.load(path: path, format: .sequences)
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

  @Test func noneLeftIsAnError() throws {
    let trained = try dataset("u a b c d\n")
    let other = try dataset("v x y z\n")
    #expect(throws: DataError.self) { try other.translated(to: trained.vocabulary) }
  }
}
