import ClseqBase
import ClseqData
import ClseqTestSupport
import Foundation
import Testing

/// Attributes through everything that makes a dataset of another one.
@Suite struct AttributeDatasetTests {
  private let folder: TemporaryFolder
  private let files: AttributeFiles
  private let log: String

  init() throws {
    folder = try TemporaryFolder()
    log = try folder.write(
      Array(
        """
        user,item,time
        u1,a,1
        u1,b,2
        u1,c,3
        u2,b,4
        u2,a,5
        u2,d,9
        u2,e,10
        u3,c,6
        u3,a,8
        u3,d,11
        u4,a,1
        """.utf8), to: "log.csv")
    let users = try folder.write(
      Array("user,age,job\nu4,9,x\nu3,31,\nu1,20.5,baker\nu5,1,y\n".utf8), to: "users.csv")
    let items = try folder.write(
      Array(
        """
        {"item": "e", "tags": ["new"], "size": [1, 2]}
        {"item": "c", "tags": ["old", "good"]}
        {"item": "a", "tags": ["good"], "size": [3, 4]}
        {"item": "b"}
        """.utf8), to: "items.jsonl")
    files = AttributeFiles(users: users, items: items, kinds: ["size": .floatSequence])
  }

  /// Everything about attributes as text, by token.
  private func description(_ dataset: SequenceDataset) throws -> [String: String] {
    let users = try #require(dataset.userAttributes)
    let items = try #require(dataset.itemAttributes)
    #expect(users.rowCount == dataset.userCount && items.rowCount == dataset.itemCount)
    var rows: [String: String] = [:]
    for user in 0..<users.rowCount {
      rows[dataset.users[user]] =
        users.attributes.map { users.rows($0.name)[user] }.joined(separator: ";")
    }
    for item in 0..<items.rowCount {
      rows[dataset.vocabulary[item + 1]] =
        items.attributes.map { items.rows($0.name)[item] }.joined(separator: ";")
    }
    return rows
  }

  private let rows = [
    "u1": "20.5;baker", "u2": ";", "u3": "31.0;", "a": "good;3.0 4.0", "b": ";", "c": "old good;",
    "d": ";", "e": "new;1.0 2.0",
  ]

  private func prepare(_ attributes: AttributeFiles, to name: String) throws -> DatasetManifest {
    try SequenceDataset.prepare(
      path: log, rules: DatasetRules(), attributes: attributes, to: folder.file(name),
      version: "test")
  }

  @Test func aFolderKeepsThem() throws {
    let read = try SequenceDataset.load(path: log, attributes: files)
    #expect(try description(read) == rows)
    let manifest = try prepare(files, to: "data")
    let prepared = try SequenceDataset.load(path: folder.file("data"))
    #expect(try description(prepared) == rows)
    #expect(prepared.userAttributes?.source == read.userAttributes?.source)
    let users = try #require(manifest.userAttributes)
    #expect(users.source.rowCount == 4 && users.source.leftOutRowCount == 2)
    #expect(users.source.unknownCount == 1 && users.attributes.map(\.missing) == [1, 2])
    let items = try #require(manifest.itemAttributes)
    #expect(items.attributes.map(\.kind) == [.tokenSequence, .floatSequence])
    #expect(items.attributes.map(\.width) == [nil, 2])
    #expect(try SequenceDataset.manifest(of: folder.file("data")) == manifest)
  }

  /// Other attributes are no other data, so that scores may be compared; and those of a table that
  /// is given win over those in the folder.
  @Test func attributesAreNotPartOfTheHash() throws {
    #expect(try prepare(AttributeFiles(), to: "plain").userAttributes == nil)
    _ = try prepare(files, to: "data")
    let (plain, full) = (
      try SequenceDataset.load(path: folder.file("plain")),
      try SequenceDataset.load(path: folder.file("data"))
    )
    #expect(plain.source.hash == full.source.hash && plain.itemAttributes == nil)
    #expect(try folder.read("plain/dataset.json") { !$0.contains("attributes") })
    let other = try folder.write(Array("user,job\nu2,miller\n".utf8), to: "other.csv")
    let replaced = try SequenceDataset.load(
      path: folder.file("data"), attributes: AttributeFiles(users: other))
    #expect(replaced.userAttributes?.rows("job") == ["", "miller", ""])
    #expect(replaced.itemAttributes?.rows("tags") == full.itemAttributes?.rows("tags"))
  }

  @Test(arguments: [
    "user-attribute-0.bin", "user-attribute-1.bin", "user-attribute-1.txt",
    "item-attribute-0.bin", "item-attribute-0-offsets.bin", "item-attribute-0.txt",
    "item-attribute-1.bin",
  ])
  func aDamagedFileIsRefused(file: String) throws {
    _ = try prepare(files, to: "data")
    let path = folder.file("data/\(file)")
    var bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    bytes[0] ^= 1
    try Data(bytes).write(to: URL(filePath: path))
    #expect(
      throws: DataError.damaged(
        path: path, reason: "its bytes are not those that were written")
    ) { try SequenceDataset.load(path: folder.file("data")) }
  }

  /// Numbers that would lead out of an array are found, though their hash is right.
  @Test(arguments: [
    ("user-attribute-1.bin", [Int32(9), 0, 0], "user-attribute-1.bin", "a code has no token"),
    ("user-attribute-1.bin", [-1, 0, 0], "user-attribute-1.bin", "a code has no token"),
    ("user-attribute-1.bin", [0, 0], "user-attribute-1.bin", "it has values for 2 rows"),
    ("user-attribute-0.bin", [0, 0, 0, 0], "user-attribute-0.bin", "its numbers do not fit"),
    (
      "user-attribute-0.bin", [0, 0x7FF0_0000, 0, 0, 0, 0], "user-attribute-0.bin",
      "its numbers do not fit"
    ),
    ("item-attribute-0.bin", [0, 1, 1, 1], "item-attribute-0.bin", "a code has no token"),
    (
      "item-attribute-0-offsets.bin", [0, 0, 9, 0, 1, 0, 3, 0, 3, 0, 4, 0],
      "item-attribute-0-offsets.bin", "its offsets do not fit"
    ),
    (
      "item-attribute-0-offsets.bin", [0, 0, 4, 0], "item-attribute-0.bin",
      "it has values for 1 rows"
    ),
    ("item-attribute-1.bin", [0, 0], "item-attribute-1.bin", "its numbers do not fit"),
  ])
  func numbersAreChecked(
    _ file: String, _ words: [Int32], _ named: String, _ reason: String
  ) throws {
    _ = try prepare(files, to: "data")
    let bytes = words.flatMap { word in withUnsafeBytes(of: word.littleEndian) { Array($0) } }
    _ = try folder.write(bytes, to: "data/\(file)")
    var hash = ContentHash()
    bytes.withUnsafeBytes { hash.update($0) }
    try folder.editManifest { manifest in
      manifest["files"] = (manifest["files"] as? [String: Any])?
        .merging([file: ["bytes": bytes.count, "hash": hash.text]]) { $1 }
    }
    #expect(
      throws: DataError.damaged(path: folder.file("data/\(named)"), reason: reason)
    ) { try SequenceDataset.load(path: folder.file("data")) }
  }

  @Test(arguments: [
    ("width", 0, "its manifest gives size 0 numbers"),
    ("width", 4_097, "its manifest gives size 4097 numbers"),
    ("name", "tags" as any Sendable, "its manifest names an attribute twice, or too many"),
  ])
  func theManifestIsChecked(_ key: String, _ value: any Sendable, _ reason: String) throws {
    _ = try prepare(files, to: "data")
    try folder.editManifest { manifest in
      var table = manifest["item_attributes"] as? [String: Any]
      var entries = table?["attributes"] as? [[String: Any]]
      entries?[1][key] = value
      table?["attributes"] = entries
      manifest["item_attributes"] = table
    }
    #expect(throws: DataError.damaged(path: folder.file("data"), reason: reason)) {
      try SequenceDataset.load(path: folder.file("data"))
    }
  }

  /// The vocabulary of the training part is a, b, c.
  @Test func aSplitByTimeKeepsThem() throws {
    let dataset = try SequenceDataset.load(path: log, attributes: files)
    let split = try Split.time(dataset, validationStart: 5_000_000, testStart: 8_000_000)
    #expect(split.dataset.itemCount == 3)
    var known = rows
    known["d"] = nil
    known["e"] = nil
    #expect(try description(split.dataset) == known)
  }

  @Test func aTranslationKeepsThem() throws {
    let vocabulary = try SequenceDataset.load(
      path: folder.write(Array("v d c z a\n".utf8), to: "other.txt"),
      options: ReadingOptions(format: .sequences)
    ).vocabulary
    let dataset = try SequenceDataset.load(path: log, attributes: files)
    let other = try dataset.translated(to: vocabulary)
    #expect(other.userCount == 1 && other.users[0] == "u3")
    #expect(
      try description(other) == [
        "u3": "31.0;", "d": ";", "c": "old good;", "z": ";", "a": "good;3.0 4.0",
      ])
  }

  @Test func statistics() throws {
    let dataset = try SequenceDataset.load(path: log, attributes: files)
    let statistics = DatasetStatistics(.leaveOneOut(dataset))
    let users = try #require(statistics.userAttributes?.attributes)
    #expect(users[0].numbers == [20.5, 25.75, 31] && users[0].distinctCount == 2)
    #expect(users[1].mode?.value == "baker" && users[1].mode?.share == 1.0 / 3)
    #expect(users[1].missingShare == 2.0 / 3 && users[1].distinctCount == 1)
    #expect(users[0].mode == nil && users[1].numbers == nil)
    let items = try #require(statistics.itemAttributes?.attributes)
    #expect(items[0].mode?.value == "good" && items[0].mode?.share == 0.4)
    #expect(items[0].distinctCount == 3 && items[1].missingShare == 0.6)
    #expect(items[1].numbers == [1, 2.5, 4] && items[1].kind == .floatSequence)
  }
}

extension AttributeStatistics {
  fileprivate var numbers: [Double]? { summary.map { [$0.least, $0.mean, $0.greatest] } }
}

extension TemporaryFolder {
  fileprivate func read<Result>(_ name: String, _ body: (String) -> Result) throws -> Result {
    body(String(decoding: try Data(contentsOf: URL(filePath: file(name))), as: UTF8.self))
  }

  /// Changes the manifest of the dataset `data`.
  fileprivate func editManifest(_ change: (inout [String: Any]) -> Void) throws {
    let url = URL(filePath: file("data/dataset.json"))
    var manifest = try #require(
      try JSONSerialization.jsonObject(with: Data(contentsOf: url)) as? [String: Any])
    change(&manifest)
    try JSONSerialization.data(withJSONObject: manifest).write(to: url)
  }
}
