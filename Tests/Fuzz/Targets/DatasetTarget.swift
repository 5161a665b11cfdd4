@testable import ClseqBase
@testable import ClseqData

/// A dataset folder of which one file is another. The input's first line is the file's name, and the
/// rest its content; the manifest is made to agree with it, so that the content itself is looked at.
///
/// A dataset that is mapped can be walked through, split and described.
struct DatasetTarget: FuzzTarget {
  private let manifest: DatasetManifest
  /// What the folder holds when nothing is changed.
  private let files: [String: [UInt8]]

  /// Makes the folder `dataset` of a small log.
  init() {
    let log = """
      user_id,item_id,event_type,timestamp,session_id,rating,duration
      u1,a,view,1700000000,s1,1,2.5
      u1,b,buy,1700000100,s2,2,0
      u1,c,view,1700000200,s3,,-1
      u2,b,view,1700000000,s1,3,7
      u2,a,view,1700000050,s2,4,1
      u2,c,view,1700000300,s3,5,2
      u2,d,buy,1700000400,s3,1,3

      """
    WorkingFolder.write(Array(log.utf8), to: "log.csv")
    WorkingFolder.write(Array("user_id,age,job\nu1,30,cook\n".utf8), to: "users.csv")
    WorkingFolder.write(
      Array("item_id:token\tkinds:token_seq\nb\tx y\nd\ty\n".utf8), to: "log.item")
    do throws(DataError) {
      manifest = try SequenceDataset.prepare(
        path: "log.csv", rules: DatasetRules(),
        attributes: AttributeFiles(users: "users.csv", items: "log.item"), to: "dataset",
        version: "fuzz")
    } catch {
      fatalError("no dataset to begin with: \(error)")
    }
    let names = [DatasetManifest.fileName] + manifest.files.keys
    files = Dictionary(
      uniqueKeysWithValues: names.map { ($0, WorkingFolder.read("dataset/\($0)")) })
  }

  func run(_ input: [UInt8]) {
    guard let end = input.firstIndex(of: UInt8(ascii: "\n")) else { return }
    let name = String(decoding: input[..<end], as: UTF8.self)
    let content = Array(input[(end + 1)...])
    guard files[name] != nil else { return }
    WorkingFolder.write(content, to: "dataset/\(name)")
    if name != DatasetManifest.fileName { describe(name, content) }
    if let dataset = try? SequenceDataset.load(path: "dataset") { walk(dataset) }
    for name in [name, DatasetManifest.fileName] {
      WorkingFolder.write(files[name] ?? [], to: "dataset/\(name)")
    }
  }

  /// Writes a manifest with the size and the hash of a file that has changed.
  private func describe(_ name: String, _ content: [UInt8]) {
    var hash = ContentHash()
    content.withUnsafeBytes { hash.update($0) }
    var manifest = manifest
    manifest.files[name] = DatasetManifest.File(bytes: content.count, hash: hash.text)
    guard let text = try? manifest.text() else { fatalError("the manifest is no text") }
    WorkingFolder.write(text, to: "dataset/\(DatasetManifest.fileName)")
  }

  private func walk(_ dataset: SequenceDataset) {
    for user in 0..<dataset.userCount {
      require(dataset.users.index(of: dataset.users[user]) == Int32(user), "another user")
      require(
        dataset[user].allSatisfy { 1..<dataset.vocabulary.rowCount ~= Int($0) }, "another item")
    }
    var splits = [Split.leaveOneOut(dataset)]
    if let split = try? Split.users(dataset, seed: 1) { splits.append(split) }
    if let start = try? Split.time(of: dataset, afterShare: 0.5),
      let split = try? Split.time(dataset, validationStart: start, testStart: start &+ 60_000_000)
    {
      splits.append(split)
    }
    if let split = try? Split.sessions(dataset) { splits.append(split) }
    for (feature, numbers) in zip(dataset.features, dataset.events.features) {
      for number in numbers { _ = feature.scaled(number) }
    }
    for table in [dataset.userAttributes, dataset.itemAttributes].compactMap({ $0 }) {
      for attribute in table.attributes {
        for row in 0..<table.rowCount {
          _ =
            attribute.isNumeric ? attribute.numbers(of: row).count : attribute.tokens(of: row).count
        }
      }
    }
    for split in splits {
      _ = DatasetStatistics(split)
      for part in Split.Part.allCases {
        for user in split.users(of: part).map({ Int($0) }) {
          let target = split.target(of: user, for: part)
          let isExcluded = split.exclusions(of: user, for: part).contains(target)
          require(isExcluded == split.isRepeat(of: user, for: part), "it is excluded or forgotten")
          require(
            split.applying(.allow).exclusions(of: user, for: part).isEmpty, "some are left out")
        }
      }
    }
  }
}
