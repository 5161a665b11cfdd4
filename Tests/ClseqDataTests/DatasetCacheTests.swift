import ClseqData
import ClseqShop
import ClseqTestSupport
import Foundation
import Testing

@Suite struct DatasetCacheTests {
  private let folder: TemporaryFolder

  init() throws {
    folder = try TemporaryFolder()
    try ShopLog(users: 30, items: 40, eventsPerUser: 3...15, seed: 5)
      .write(to: folder.file("log.inter"))
  }

  private func load(_ options: ReadingOptions = ReadingOptions()) throws -> SequenceDataset {
    try SequenceDataset.load(
      path: folder.file("log.inter"), options: options,
      cache: DatasetCache(folder: folder.file("cache/datasets"), leastByteCount: 0),
      version: "test")
  }

  private func kept() throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: folder.file("cache/datasets"))
  }

  /// What is kept is the very dataset that reading gives, under the hash of the log.
  @Test func theLogIsMappedTheSecondTime() throws {
    let read = try SequenceDataset.load(path: folder.file("log.inter"))
    for _ in 0..<2 {
      let dataset = try load()
      #expect(dataset.items == read.items && dataset.offsets == read.offsets)
      #expect(dataset.times == read.times && dataset.vocabulary == read.vocabulary)
      #expect(dataset.source == read.source && dataset.users == read.users)
      #expect(try kept().count == 1)
    }
  }

  @Test func anotherLogOrAnotherReadingIsAnotherDataset() throws {
    _ = try load()
    _ = try load(ReadingOptions(columns: ColumnMapping([.item: "event_type"])))
    #expect(try kept().count == 2)
    try FileManager.default.removeItem(atPath: folder.file("log.inter"))
    try ShopLog(users: 31, items: 40, eventsPerUser: 3...15, seed: 5)
      .write(to: folder.file("log.inter"))
    #expect(try load().source.userCount == 31)
    #expect(try kept().count == 3)
  }

  @Test func whatIsDamagedIsMadeAnew() throws {
    _ = try load()
    let path = folder.file("cache/datasets/\(try kept()[0])/items.bin")
    try Data([1, 0, 0, 0]).write(to: URL(filePath: path))
    #expect(try load().eventCount > 100)
    #expect(try Data(contentsOf: URL(filePath: path)).count > 400)
  }

  @Test func theOldestGo() throws {
    for count in 0...DatasetCache.keptCount {
      _ = try load(ReadingOptions(tolerated: .count(count)))
    }
    #expect(try kept().count == DatasetCache.keptCount)
  }

  /// Nothing is kept of small logs, nor where there is no place.
  @Test func aCacheIsNotNeeded() throws {
    let path = folder.file("log.inter")
    for cache in [
      DatasetCache(folder: folder.file("cache")),
      DatasetCache(folder: path + "/inside", leastByteCount: 0),
    ] {
      #expect(try SequenceDataset.load(path: path, cache: cache).userCount == 30)
    }
    #expect(try folder.names() == ["log.inter"])
  }
}
