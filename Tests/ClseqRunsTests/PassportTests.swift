import ClseqBase
import ClseqData
import ClseqRuns
import ClseqSettings
import Foundation
import Testing

@Suite struct PassportTests {
  static let passport = Passport(
    dataHash: "xxh64:0123456789abcdef", users: 943, items: 1682, events: 100_000,
    split: "leave-one-out", timeTieRule: "file order", scoreTieRule: "against the target",
    seen: "exclude", ranking: "full", data: "ml-100k.inter", model: "transformer",
    maxLength: 200, seed: .max, device: "cpu", clseqVersion: "1.2.3")

  @Test func jsonKeepsEveryField() throws {
    let text = try JSONText.document(Self.passport)
    #expect(text.contains("\"data_hash\" : \"xxh64:0123456789abcdef\""))
    let again = try JSONText.decoder.decode(Passport.self, from: Data(text.utf8))
    #expect(again == Self.passport)
  }

  @Test func tablesShowEveryField() throws {
    let object = try JSONSerialization.jsonObject(with: JSONText.line(Self.passport))
    let keys = try #require(object as? [String: Any]).keys
    #expect(Set(Self.passport.fields.map(\.name)) == Set(keys))
    #expect(Self.passport.fields.count == keys.count)
  }

  @Test func runsOfOneProtocolAreCompared() throws {
    var other = Self.passport
    other.model = "lstm"
    other.maxLength = 50
    other.seed = 1
    other.device = "gpu"
    other.data = "renamed.inter"
    other.clseqVersion = "2.0.0"
    try Self.passport.requireComparable(to: other)
  }

  static let changes: [(String, @Sendable (inout Passport) -> Void)] = [
    ("data_hash", { $0.dataHash = "xxh64:0" }), ("users", { $0.users = 1 }),
    ("items", { $0.items = 1 }), ("events", { $0.events = 1 }), ("split", { $0.split = "time" }),
    ("time_tie_rule", { $0.timeTieRule = "by item" }),
    ("score_tie_rule", { $0.scoreTieRule = "for the target" }),
    ("seen", { $0.seen = "allow" }), ("ranking", { $0.ranking = "sampled" }),
  ]

  @Test(arguments: changes)
  func unlikeProtocolsAreRefused(
    field: String, change: @Sendable (inout Passport) -> Void
  ) throws {
    var other = Self.passport
    change(&other)
    let error = #expect(throws: PassportMismatch.self) {
      try Self.passport.requireComparable(to: other)
    }
    #expect(error?.differences.map(\.field) == [field])
    #expect(error?.description.contains(field) == true)
  }

  /// Passports of versions with another rule are read, and are unlike those of either of today's.
  @Test func theRuleOfOldRunsIsItsOwn() throws {
    let text = try JSONText.document(Self.passport)
    for (flag, seen) in [("true", Passport.oldSeenRule), ("false", "none")] {
      let old = text.replacing("\"seen\" : \"exclude\"", with: "\"seen_filtered\" : \(flag)")
      let passport = try JSONText.decoder.decode(Passport.self, from: Data(old.utf8))
      #expect(passport.seen == seen && passport.seenRule == nil)
      #expect(throws: PassportMismatch.self) { try passport.requireComparable(to: Self.passport) }
    }
    #expect(Self.passport.seenRule == .exclude)
  }

  @Test func allDifferencesAreNamed() {
    var other = Self.passport
    other.users = 1
    other.ranking = "sampled"
    let error = #expect(throws: PassportMismatch.self) {
      try Self.passport.requireComparable(to: other)
    }
    #expect(error?.differences.map(\.field) == ["users", "ranking"])
  }
}
