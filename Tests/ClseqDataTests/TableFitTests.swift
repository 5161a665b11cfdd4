import ClseqData
import ClseqTestSupport
import Foundation
import Testing

/// Tables whose rows fit nobody, and datasets that are made at once.
@Suite struct TableFitTests {
  private let folder: TemporaryFolder
  private let log: String

  init() throws {
    folder = try TemporaryFolder()
    log = try folder.write(Array("user,item\n1,a\n1,b\n1,c\n2,a\n2,b\n2,c\n".utf8), to: "log.csv")
  }

  @Test func noRowFits() throws {
    let users = try folder.write(Array("user,age\n1.0,30\n2.0,40\n".utf8), to: "users.csv")
    let files = AttributeFiles(users: users)
    let error = try #require(throws: DataError.self) {
      try SequenceDataset.load(path: log, attributes: files)
    }
    guard case .unfit(_, let what, _) = error else {
      Issue.record("another error: \(error)")
      return
    }
    #expect(what.contains("\"1.0\"") && what.contains("\"1\""))
    #expect(throws: error) {
      try SequenceDataset.prepare(
        path: log, rules: DatasetRules(), attributes: files, to: folder.file("data"),
        version: "test")
    }
    var lenient = files
    lenient.mayFitNobody = true
    let table = try SequenceDataset.load(path: log, attributes: lenient).source.reading?.tables
    #expect(table?.map(\.matched) == [0] && table?.map(\.owners) == [2])
  }

  @Test func theShareThatFitsIsTold() throws {
    let items = try folder.write(Array("item,price\na,1\nz,2\n".utf8), to: "items.csv")
    let dataset = try SequenceDataset.load(path: log, attributes: AttributeFiles(items: items))
    #expect(
      dataset.source.reading?.tableLines == ["read items.csv, 2 rows: 1 of 3 items have one"])
  }

  /// Of several that make one dataset at once one wins, and the others say so; nothing is left behind.
  @Test func manyMakeOneDataset() async throws {
    let (log, target) = (log, folder.file("data"))
    let made = await withTaskGroup(of: Bool.self) { group in
      for _ in 0..<8 {
        group.addTask {
          do {
            _ = try SequenceDataset.prepare(
              path: log, rules: DatasetRules(), to: target, version: "test")
            return true
          } catch {
            #expect("\(error)".contains("it exists"))
            return false
          }
        }
      }
      return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
    }
    #expect(made == 1)
    #expect(try SequenceDataset.load(path: target).eventCount == 6)
    #expect(try folder.names().sorted() == ["data", "log.csv"])
  }

  /// What a process that was killed has left goes with the next preparation.
  @Test func forsakenFoldersGo() throws {
    // No process has the greatest number.
    let forsaken = folder.file("data.2147483646.0.partial")
    try FileManager.default.createDirectory(
      atPath: forsaken, withIntermediateDirectories: false)
    _ = try SequenceDataset.prepare(
      path: log, rules: DatasetRules(), to: folder.file("data"), version: "test")
    #expect(try folder.names().sorted() == ["data", "log.csv"])
  }
}
