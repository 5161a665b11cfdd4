import ClseqBase
import ClseqData
import ClseqTestSupport
import Foundation
import Testing

/// Logs that extend earlier ones.
@Suite struct ExtensionTests {
  /// A line of a log: user, item, hour, type and rating.
  private func write(_ lines: [String], to folder: TemporaryFolder, _ name: String) throws -> String
  {
    let rows = lines.map { line in
      let fields = line.split(separator: " ")
      return "\(fields[0]),\(fields[1]),\(3600 * (Int(fields[2]) ?? 0)),"
        + "\(fields.count > 3 ? fields[3] : "view"),\(fields.count > 4 ? fields[4] : "1")\n"
    }
    return try folder.write(
      Array(("user_id,item_id,timestamp,event,rating\n" + rows.joined()).utf8), to: name)
  }

  private func events(_ dataset: SequenceDataset) -> [String: [String]] {
    let users = (0..<dataset.userCount).map { user in
      (dataset.users[user], dataset[user].map { dataset.vocabulary[Int($0)] })
    }
    return Dictionary(uniqueKeysWithValues: users)
  }

  private func items(_ dataset: SequenceDataset) -> [String] {
    (1..<dataset.itemCount + 1).map { dataset.vocabulary[$0] }
  }

  private let old = ["u a 1", "u b 2", "u c 5", "v b 2", "v a 3", "v d 9", "w e 4", "w f 6"]
  private let new = ["u g 20", "w h 21", "v a 22", "x a 1", "x b 7", "x k 30", "u c 3"]

  private func load(
    _ path: String, extending earlier: [String] = [], least: Int = 3
  ) throws -> SequenceDataset {
    var needs = EventNeeds()
    needs.leastUserEvents = least
    return try SequenceDataset.load(path: path, extending: earlier, needs: needs)
  }

  /// New events alone and the whole log are the same extension.
  @Test func newEventsAndTheWholeLogGiveTheSame() throws {
    let folder = try TemporaryFolder()
    let first = try write(old, to: folder, "old.csv")
    let part = try load(try write(new, to: folder, "new.csv"), extending: [first])
    let whole = try load(try write(old + new, to: folder, "all.csv"), extending: [first])
    #expect(part.users == whole.users && part.vocabulary == whole.vocabulary)
    #expect(part.events == whole.events && part.offsets == whole.offsets)
    // Only the numbers of what is left out differ.
    let (a, b) = (try #require(part.source.reading), try #require(whole.source.reading))
    #expect(a.extends == b.extends)
    #expect(a.leftOut.contains { $0.rule == "seen" } == false)
    #expect(b.leftOut.first { $0.rule == "seen" }?.events == 8)
    let extent = try #require(a.extends)
    #expect(extent.added == 7 && extent.late == 3 && extent.earlier.map(\.events) == [8])
    // g, h and k; x. The items of w, who had two events, are none of the first vocabulary.
    #expect(extent.items == 3 && extent.users == 1)
    #expect(try load(first).vocabulary.count == 4)
    #expect(items(part) == ["a", "b", "c", "d"] + ["e", "f", "g", "h", "k"])
    #expect(events(part)["u"] == ["a", "b", "c", "c", "g"])
    #expect(events(part)["w"] == ["e", "f", "h"])
    #expect(try #require(part.events.additions).filter { $0 }.count == 7)
    // In the order of a log of all events, apart from the order of users and items.
    let plain = try load(folder.file("all.csv"))
    #expect(events(plain) == events(part))
    #expect(plain.events.additions == nil)
  }

  /// The vocabulary of any first logs is a prefix, though items of users with few events come in later.
  @Test(arguments: 0..<8 as Range<UInt64>) func vocabulariesGrowAtTheirEnds(seed: UInt64) throws {
    let folder = try TemporaryFolder()
    var numbers = TestNumbers(seed: seed)
    let logs = try (0..<4).map { log in
      let count = 60
      let (users, items, hours) = (
        numbers.indices(count, below: 30), numbers.indices(count, below: 400),
        numbers.indices(count, below: 20)
      )
      let lines = (0..<count).map {
        "u\(users[$0]) i\(items[$0]) \(Int(hours[$0]) + log * 15)"
      }
      return try write(lines, to: folder, "\(log).csv")
    }
    var before: [String] = []
    for count in 1...logs.count {
      let dataset = try load(logs[count - 1], extending: Array(logs[..<(count - 1)]))
      #expect(Array(items(dataset).prefix(before.count)) == before)
      #expect(dataset.itemCount > before.count)
      before = items(dataset)
      #expect(dataset.source.reading?.extends?.earlier.count == (count == 1 ? nil : count - 1))
    }
    #expect(items(try load(logs[0])) == items(try load(logs[0])))
  }

  /// Equal events of one log are kept, and as many of them are left out of the next as there were.
  @Test func equalEventsCountAsOftenAsALogHasThem() throws {
    let folder = try TemporaryFolder()
    let first = try write(["u a 1", "u a 1", "u b 2", "u c 3"], to: folder, "old.csv")
    let second = try write(
      ["u a 1", "u a 1", "u a 1", "u b 2 buy", "u c 3 view 2", "u d 4"], to: folder, "new.csv")
    var needs = EventNeeds()
    (needs.types, needs.labels) = (true, true)
    let dataset = try SequenceDataset.load(path: second, extending: [first], needs: needs)
    // Another type or label is another event.
    #expect(events(dataset)["u"] == ["a", "a", "a", "b", "b", "c", "c", "d"])
    let plain = try load(second, extending: [first])
    #expect(events(plain)["u"] == ["a", "a", "a", "b", "c", "d"])
  }

  @Test func extensionsThatDoNotFitAreRefused() throws {
    let folder = try TemporaryFolder()
    let first = try write(old, to: folder, "old.csv")
    let again = try write(old.reversed(), to: folder, "again.csv")
    #expect {
      _ = try load(again, extending: [first])
    } throws: {
      "\($0)".contains("again.csv: it adds nothing")
    }
    let plain = try folder.write(Array("u a b c\nv a b\n".utf8), to: "plain.txt")
    for (path, earlier) in [(first, plain), (plain, first)] {
      #expect {
        _ = try load(path, extending: [earlier])
      } throws: {
        "\($0)".contains("plain.txt: the log has no times, which an extension")
      }
    }
    let bare = try folder.write(
      Array("user_id,item_id,timestamp\nu,z,99999999\n".utf8), to: "bare.csv")
    var needs = EventNeeds()
    needs.labels = true
    #expect {
      _ = try SequenceDataset.load(path: bare, extending: [first], needs: needs)
    } throws: {
      "\($0)".contains("bare.csv: the log has no labels, which an extension of old.csv needs")
    }
  }

  /// Extending a dataset folder gives its users and items first, its rules and its statistics.
  @Test(arguments: [false, true]) func datasetsAreExtended(asFolder: Bool) throws {
    let folder = try TemporaryFolder()
    let first = try write(old + ["w i 8"], to: folder, "old.csv")
    var rules = DatasetRules()
    rules.cleaning.dropsRepeats = true
    rules.features.requests = [FeatureRequest("rating"), FeatureRequest("hour")]
    _ = try SequenceDataset.prepare(
      path: first, rules: rules, to: folder.file("data"), version: "test")
    let known = try SequenceDataset.load(path: folder.file("data"))
    var log = try write(
      old + new + ["v a 23", "u q 40 buy 5"], to: folder, "all.csv")
    if asFolder {
      _ = try SequenceDataset.prepare(
        path: log, rules: rules, to: folder.file("other"), version: "test")
      log = folder.file("other")
    }
    let manifest = try SequenceDataset.extend(
      folder.file("data"), by: log, to: folder.file("more"), version: "test")
    let dataset = try SequenceDataset.load(path: folder.file("more"))
    #expect(items(dataset).starts(with: items(known)) && dataset.itemCount > known.itemCount)
    #expect((0..<known.userCount).allSatisfy { dataset.users[$0] == known.users[$0] })
    #expect(manifest.features == known.features && manifest.rules == rules.cleaning)
    #expect(events(dataset)["v"] == ["b", "a", "d", "a"])
    // u has c at 3 and 5, which is a repeat.
    #expect(events(dataset)["u"] == ["a", "b", "c", "g", "q"])
    let u = try #require((0..<dataset.userCount).first { dataset.users[$0] == "u" })
    let last = try #require(dataset[u].indices.last)
    #expect(dataset.events.features.map { $0[last] } == [5, 16])
    #expect(manifest.source.reading?.extends?.earlier.map(\.name) == ["data"])
    #expect {
      _ = try SequenceDataset.extend(
        folder.file("none"), by: log, to: folder.file("x"), version: "test")
    } throws: {
      $0 as? DataError == .missingFile(path: folder.file("none/dataset.json"))
    }
  }

  /// Rare items have lost their ids, so that their events cannot be found in another log.
  @Test func datasetsOfRareItemsAreRefused() throws {
    let folder = try TemporaryFolder()
    let first = try write(old, to: folder, "old.csv")
    var rules = DatasetRules()
    rules.cleaning.rareItemEvents = 2
    _ = try SequenceDataset.prepare(
      path: first, rules: rules, to: folder.file("data"), version: "test")
    #expect {
      _ = try SequenceDataset.extend(
        folder.file("data"), by: first, to: folder.file("more"), version: "test")
    } throws: {
      "\($0)".contains("rare items")
    }
    #expect(try folder.names().sorted() == ["data", "old.csv"])
  }
}
