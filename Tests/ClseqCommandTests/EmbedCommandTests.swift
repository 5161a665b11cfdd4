import ClseqTestSupport
import Foundation
import Testing

/// Vectors, as people ask for them.
@Suite(.serialized) struct EmbedCommandTests {
  private static let folder = Result {
    let folder = try TemporaryFolder()
    for call in [
      GenerateCommandTests.small + ["log.inter"],
      [
        "train", "log.inter", "--run", "base", "--device", "reference", "--hidden-size", "8",
        "--layers", "1", "--max-length", "10", "--epochs", "1", "--quiet",
      ],
      ["train", "log.inter", "--run", "counts", "--model", "popularity", "--quiet"],
    ] { try #require(try Program.run(call, in: folder.path).status == 0) }
    return folder
  }

  private func run(_ words: String...) throws -> Program.Result {
    try Program.run(["embed"] + words + ["--device", "reference"], in: Self.folder.get().path)
  }

  private func lines(_ text: String) -> [[String]] {
    text.split(separator: "\n").map { $0.split(separator: ",").map(String.init) }
  }

  @Test func everySubjectHasItsColumns() throws {
    let users = lines(try run("base", "log.inter", "--quiet").output)
    #expect(users[0] == ["user"] + (0..<8).map { "vector.\($0)" })
    let own = lines(try run("base", "--quiet").output)
    #expect(own == users)
    let windows = lines(
      try run("base", "log.inter", "--of", "windows", "--window", "2", "--step", "1", "--quiet")
        .output)
    #expect(windows[0].prefix(3) == ["user", "first", "last"])
    #expect(windows[1].prefix(3) == [users[1][0], "1", "2"])
    #expect(windows[2].prefix(3) == [users[1][0], "2", "3"])
    let sessions = lines(
      try run("base", "log.inter", "--of", "sessions", "--session-gap", "1h", "--quiet").output)
    #expect(sessions[0].prefix(2) == ["user", "session"] && sessions[1][1] == "1")
    let items = try run("base", "--of", "items", "--output-format", "jsonl", "--quiet").output
    let first = try #require(items.split(separator: "\n").first)
    let object = try JSONSerialization.jsonObject(with: Data(first.utf8)) as? [String: Any]
    #expect((object?["vector"] as? [Double])?.count == 8 && object?["item"] is String)
  }

  /// They are those of the vectors that embed writes.
  @Test func neighboursAreTheNearestVectors() throws {
    let folder = try Self.folder.get()
    for (subject, option) in [("users", "--user"), ("items", "--item")] {
      let rows = lines(try run("base", "log.inter", "--of", subject, "--quiet").output).dropFirst()
      let vectors = rows.map { ($0[0], $0.dropFirst().compactMap(Double.init)) }
      func cosine(_ left: [Double], _ right: [Double]) -> Double {
        func product(_ a: [Double], _ b: [Double]) -> Double {
          zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
        }
        return product(left, right) / (product(left, left) * product(right, right)).squareRoot()
      }
      let (id, query) = vectors[4]
      let expected = vectors.filter { $0.0 != id }
        .map { ($0.0, cosine(query, $0.1)) }.sorted { $0.1 > $1.1 }.prefix(3)
      let result = try Program.run(
        [
          "neighbours", "base", option, id, "--top", "3", "--device", "reference", "--quiet",
          "--format", "json",
        ], in: folder.path)
      #expect(result.status == 0, "\(result.errors)")
      let document =
        try JSONSerialization.jsonObject(with: Data(result.output.utf8)) as? [String: Any]
      let found = try #require(document?["neighbours"] as? [[String: Any]])
      #expect(found.compactMap { $0["id"] as? String } == expected.map(\.0))
      for (entry, pair) in zip(found, expected) {
        #expect(abs(try #require(entry["similarity"] as? Double) - pair.1) < 1e-6)
        #expect((entry["events"] != nil) == (subject == "users"))
      }
    }
    for words in [["--user", "nobody"], ["--item", "nothing"]] {
      let result = try Program.run(
        ["neighbours", "base"] + words + ["--device", "reference"], in: folder.path)
      #expect(result.status == 65 && result.errors.contains(words[1]), "\(result.errors)")
    }
    for words in [[], ["--user", "1", "--item", "2"], ["--item", "2", "--vector", "mean"]] {
      #expect(
        try Program.run(["neighbours", "base"] + words, in: folder.path).status == 64)
    }
  }

  @Test func twoUsersAreMatched() throws {
    let folder = try Self.folder.get()
    let users = lines(try run("base", "log.inter", "--quiet").output).dropFirst().map { $0[0] }
    func similarity(_ words: String...) throws -> Program.Result {
      try Program.run(["similarity", "base", "log.inter", "--quiet"] + words, in: folder.path)
    }
    struct Document: Decodable {
      struct Event: Decodable {
        let number: Int
        let item: String
      }
      struct Match: Decodable {
        let first: Event
        let second: Event
        let distance: Double
      }
      let distance: Double
      let path: [Match]
    }
    func document(_ words: String...) throws -> Document {
      let result = try Program.run(
        ["similarity", "base", "log.inter", "--quiet", "--format", "json"] + words,
        in: folder.path)
      return try JSONDecoder().decode(Document.self, from: Data(result.output.utf8))
    }
    let same = try document("--users", "\(users[2]),\(users[2])")
    #expect(same.distance == 0 && same.path.allSatisfy { $0.first.number == $0.second.number })
    let pair = try document("--users", "\(users[2]),\(users[5])", "--events", "4")
    #expect(pair.distance > 0 && pair.distance < 2 && pair.path.count >= 2)
    #expect(Set(pair.path.map(\.first.number)).count <= 4)
    #expect(pair.path.allSatisfy { ($0.distance == 0) == ($0.first.item == $0.second.item) })
    let text = try similarity("--users", "\(users[2]),\(users[5])", "--band", "1")
    #expect(text.status == 0 && text.output.hasPrefix("distance  "))
    #expect(try similarity("--users", users[2]).status == 64)
    #expect(try similarity("--users", "\(users[2]),nobody").status == 65)
  }

  @Test func usersAreInSegments() throws {
    let folder = try Self.folder.get()
    func cluster(_ words: String...) throws -> Program.Result {
      try Program.run(
        ["cluster", "base", "log.inter", "--device", "reference", "--quiet"] + words,
        in: folder.path)
    }
    let three = try cluster(
      "--k", "3", "-o", "segments.csv", "--map", "users.svg", "--format", "json")
    #expect(three.status == 0, "\(three.errors)")
    let map = try String(contentsOfFile: folder.path + "/users.svg", encoding: .utf8)
    #expect(map.contains("segment 3</text>") && !map.contains("segment 4</text>"))
    let image = try cluster("--k", "3", "--map", "users.png")
    #expect(image.status == 64 && image.errors.contains("must end with .svg"))
    let document =
      try JSONSerialization.jsonObject(with: Data(three.output.utf8)) as? [String: Any]
    let segments = try #require(document?["segments"] as? [[String: Any]])
    let sizes = segments.compactMap { $0["users"] as? Int }
    let rows = lines(
      try String(contentsOfFile: folder.file("segments.csv"), encoding: .utf8))
    #expect(rows[0] == ["user", "segment", "distance"])
    let counts = Dictionary(grouping: rows.dropFirst(), by: { $0[1] }).mapValues(\.count)
    #expect(sizes == sizes.sorted(by: >) && sizes == (1...3).map { counts["\($0)"] ?? 0 })
    for segment in segments {
      let number = segment["segment"] as? Int
      let own = rows.dropFirst().filter { Int($0[1]) == number }
      let nearest = own.min { Double($0[2])! < Double($1[2])! }
      #expect(segment["typical_user"] as? String == nearest?[0])
      let items = try #require(segment["items"] as? [[String: Any]])
      #expect(!items.isEmpty && items.allSatisfy { $0["lift"] as! Double > 0 })
    }
    let tried = try cluster()
    #expect(tried.status == 0 && tried.output.hasPrefix(" k  silhouette\n"), "\(tried.output)")
    #expect(try cluster("--k", "3", "-o", "segments.csv").status == 73)
    let many = try cluster("--k", "500")
    #expect(many.status == 65 && many.errors.contains("users for 500 segments"))
    #expect(try cluster("--k", "0").status == 64)
    #expect(try cluster("-o", "-").status == 64)
  }

  @Test func aMatrixOfItemsIsAnInputOfAnotherRun() throws {
    let folder = try Self.folder.get()
    let written = try run("base", "--of", "items", "-o", "items.npy")
    #expect(written.status == 0 && written.errors.contains("in items.npy, ids in items.npy.ids\n"))
    let trained = try Program.run(
      [
        "train", "log.inter", "--item-vectors", "items.npy", "--inputs", "items", "--run", "fed",
        "--device", "reference", "--hidden-size", "8", "--layers", "1", "--max-length", "10",
        "--epochs", "1", "--quiet",
      ], in: folder.path)
    #expect(trained.status == 0, "\(trained.errors)")
    #expect(try run("base", "--of", "items", "-o", "items.npy").status == 73)
  }

  @Test(
    arguments: [
      (["base", "--of", "windows"], 64, "--window 20"),
      (["base", "--window", "3"], 64, "--of windows"),
      (["base", "--output-format", "npy"], 64, "--output FILE.npy"),
      (["base", "--of", "items", "--vector", "mean"], 64, "one vector each"),
      (["base", "--of", "windows", "--window", "11"], 64, "the model sees 10"),
      (["base", "--of", "windows", "--window", "0"], 64, "at least 1"),
      (["base", "--of", "sessions"], 65, "--session-gap 30m"),
      (["counts"], 64, "is the baseline"), (["counts", "--of", "items"], 64, "no vectors"),
      (["base", "none.inter", "-o", "x.npy"], 66, "none.inter"),
    ])
  func whatCannotBeIsRefused(_ words: [String], _ status: Int32, _ part: String) throws {
    let folder = try Self.folder.get()
    let result = try Program.run(["embed"] + words + ["--device", "reference"], in: folder.path)
    #expect(result.status == status && result.errors.contains(part), "\(result.errors)")
    #expect(!FileManager.default.fileExists(atPath: folder.file("x.npy")))
    #expect(!FileManager.default.fileExists(atPath: folder.file("x.npy.ids")))
  }
}
