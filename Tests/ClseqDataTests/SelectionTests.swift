import ClseqData
import ClseqTestSupport
import Foundation
import Testing

/// Users told with one event less, histories that are written down, titles of items.
@Suite struct SelectionTests {
  private static let log = """
    user_id,item_id,event,timestamp,price
    v,a,view,10,1
    u,a,view,1,5
    u,b,buy,2,
    u,c,view,4,7

    """

  private func dataset() throws -> SequenceDataset {
    let log = try TemporaryFile("log.csv", Self.log)
    let users = try TemporaryFile("users.csv", "user_id,age\nu,30\nv,50\n")
    var needs = EventNeeds()
    (needs.types, needs.leastUserEvents) = (true, 1)
    needs.features.requests = [FeatureRequest("price")]
    return try SequenceDataset.load(
      path: log.path, options: ReadingOptions(missing: .fill), needs: needs,
      attributes: AttributeFiles(users: users.path))
  }

  @Test func variantsLackOneEvent() throws {
    let dataset = try dataset()
    let user = Int(try #require(dataset.users.index(of: "u")))
    let start = Int(dataset.offsets[user])
    let variants = dataset.leavingOut([start + 2, start], of: user)
    func tokens(_ user: Int) -> [String] { variants[user].map { variants.vocabulary[Int($0)] } }
    #expect((0..<3).map(tokens) == [["a", "b", "c"], ["a", "b"], ["b", "c"]])
    #expect(Array(variants.offsets) == [0, 3, 5, 7])
    let seconds = variants.times?.map { $0 / 1_000_000 }
    #expect(seconds == [1, 2, 4, 1, 2, 2, 4])
    #expect(variants.events.types.map { Array($0) } == [0, 1, 0, 0, 1, 1, 0])
    #expect(Array(variants.events.features[0].suffix(1)) == [7])
    #expect((0..<3).map { variants.userAttributes?["age"]?.numbers(of: $0) } == [[30], [30], [30]])
    let whole = dataset.leavingOut([], of: user)
    #expect(whole.userCount == 1 && Array(whole.items) == Array(dataset[user]))
  }

  /// All of an event moves but its time; overlapping stretches have orders of their own.
  @Test func stretchesAreShuffled() throws {
    let dataset = try dataset()
    let user = Int(try #require(dataset.users.index(of: "u")))
    let start = Int(dataset.offsets[user])
    let stretches = [(user, start..<start + 3), (user, start + 1..<start + 3)]
    var orders: Set<[String]> = []
    for seed in 0..<40 {
      let shuffled = dataset.shuffling(stretches, seed: UInt64(seed))
      #expect(Array(shuffled.offsets) == [0, 3, 5])
      #expect(shuffled.times?.map { $0 / 1_000_000 } == [1, 2, 4, 2, 4])
      func tokens(_ user: Int) -> [String] {
        shuffled[user].map { shuffled.vocabulary[Int($0)] }
      }
      #expect(tokens(0).sorted() == ["a", "b", "c"] && tokens(1).sorted() == ["b", "c"])
      let types = try #require(shuffled.events.types.map { Array($0) })
      #expect(zip(tokens(0) + tokens(1), types).allSatisfy { ($0 == "b") == ($1 == 1) })
      #expect(shuffled.userAttributes?["age"]?.numbers(of: 1) == [30])
      let again = dataset.shuffling(stretches, seed: UInt64(seed))
      #expect(Array(again.items) == Array(shuffled.items))
      orders.insert(tokens(0))
    }
    #expect(orders.count == 6)
  }

  @Test func historiesHaveItemsAndTypes() throws {
    let vocabulary = try dataset().vocabulary
    let typed = SequenceDataset(
      history: [3, 1, 3], types: ["buy", "view", "buy"], vocabulary: vocabulary)
    #expect(Array(typed[0]) == [3, 1, 3] && typed.userCount == 1 && typed.times == nil)
    #expect(typed.events.types.map { Array($0) } == [0, 1, 0])
    #expect(typed.types.map { types in (0..<2).map { types[$0] } } == ["buy", "view"])
    let plain = SequenceDataset(history: [2], vocabulary: vocabulary)
    #expect(Array(plain[0]) == [2] && plain.types == nil && plain.events.types == nil)
  }

  @Test(arguments: [
    ("item_id,colour,title\na,red,Apple\nz,red,Zebra\nc,blue,\n", "title", "Apple"),
    ("item_id,name\na,Apple\n", "name", "Apple"),
    ("商品ID,名称\na,苹果\n", "名称", "苹果"),
    ("item_id,Movie_Title\na,Apple\n", "Movie_Title", "Apple"),
  ])
  func titlesAreFound(text: String, column: String, title: String) throws {
    let table = try TemporaryFile("items.csv", text)
    let titles = try #require(
      try ItemTitles(file: table.path, for: try dataset().vocabulary))
    #expect(titles.name == column && titles[1] == title)
    #expect(titles[2] == nil && titles[3] == nil && titles[0] == nil && titles[4] == nil)
  }

  @Test func numbersAreNoTitles() throws {
    let table = try TemporaryFile("items.csv", "item_id,title,colour\na,1,red\n")
    #expect(try ItemTitles(file: table.path, for: try dataset().vocabulary) == nil)
  }
}
