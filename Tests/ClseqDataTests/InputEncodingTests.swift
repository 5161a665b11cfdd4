import ClseqData
import ClseqShop
import ClseqTestSupport
import Foundation
import Testing

@Suite struct InputEncodingTests {
  private func dataset(_ log: String, users: String? = nil, items: String? = nil) throws
    -> SequenceDataset
  {
    let folder = try TemporaryFolder()
    var files = AttributeFiles()
    files.users = try users.map { try folder.write($0.utf8, to: "users.csv") }
    files.items = try items.map { try folder.write($0.utf8, to: "items.csv") }
    var needs = EventNeeds()
    needs.types = true
    needs.labels = true
    needs.features.requests = [FeatureRequest("price:none")]
    needs.leastUserEvents = 1
    return try SequenceDataset.load(
      path: try folder.write(log.utf8, to: "log.csv"), needs: needs, attributes: files)
  }

  private static let log = """
    user_id,item_id,event,timestamp,rating,price
    a,x,view,2024-01-01T00:00:00Z,2,10
    a,y,buy,2024-01-01T00:00:01Z,5,20
    a,x,view,2024-01-02T00:00:01Z,,40
    b,y,view,2024-01-05T00:00:00Z,2,50

    """

  private func batch(_ dataset: SequenceDataset) -> RaggedBatch {
    RaggedBatch(
      [Example(sequence: 0, inputs: 0..<3), Example(sequence: 1, inputs: 3..<4)], of: dataset)
  }

  @Test func typesAreThoseOfEventsUnlessEventsAreAskedAbout() throws {
    let data = try dataset(Self.log)
    let plain = try InputEncoding(nil, rule: .nextType, of: data)
    #expect(plain.types == ["view", "buy"] && plain.labelBounds == nil && plain.typeCount == 3)
    #expect(EncodedInputs(plain, of: data).types(of: batch(data)) == [1, 2, 1, 1])

    // Labels 2 and 5 and none make three codes a type.
    let encoding = try InputEncoding(nil, rule: .label(least: 4), of: data)
    #expect(encoding.labelBounds == [2] && encoding.typeCount == 9)
    let inputs = EncodedInputs(encoding, of: data)
    // Codes of view and a label of 2, buy and 5, view and none.
    let (low, high, none) = (Int32(4), Int32(8), Int32(3))
    #expect(inputs.types(of: batch(data)) == [0, low, high, 0])
    #expect(inputs.types(of: batch(data), ownOutcomes: true) == [low, high, none, low])
    // What happened before the cut is known.
    let cut = RaggedBatch([Example(sequence: 0, inputs: 2..<3)], of: data)
    #expect(inputs.types(of: cut) == [high])
  }

  /// A masked event shows nothing of itself: its inputs are those of an event of which nothing is known.
  @Test func whatIsHiddenHasNoInputs() throws {
    let data = try dataset(Self.log)
    let inputs = EncodedInputs(try InputEncoding(nil, rule: .nextType, of: data), of: data)
    let mask = Int32(data.vocabulary.rowCount)
    let ended = RaggedBatch(
      [Example(sequence: 0, inputs: 0..<2), Example(sequence: 1, inputs: 3..<4)], of: data,
      endingWith: mask)
    #expect(ended.items == [1, 2, mask, 2, mask])
    #expect(
      inputs.types(of: ended) == [1, 2, 0, 1, 0] && inputs.gaps(of: ended) == [0, 2, 0, 0, 0])
    let missing = inputs.encoding.features[0].scaled(.nan)
    #expect(inputs.numbers(of: ended) == [10, 20, missing, 50, missing])
    let masked = EventMasking(
      probability: 1, kept: 1, mask: mask, itemCount: data.itemCount, seed: 1
    ).hidden(batch(data), epoch: 0)
    #expect(masked.items == batch(data).items && masked.targetRows == [0, 1, 2, 3])
    #expect(inputs.types(of: masked) == [0, 0, 0, 0] && inputs.gaps(of: masked) == [0, 0, 0, 0])
    #expect(inputs.numbers(of: masked) == [Float](repeating: missing, count: 4))
  }

  @Test func gapsAreClassesOfPowersOfTwo() throws {
    let data = try dataset(Self.log)
    let inputs = EncodedInputs(try InputEncoding(nil, rule: .nextType, of: data), of: data)
    // 1 s and 86,400 s; the first event of a user has none.
    #expect(inputs.gaps(of: batch(data)) == [0, 2, 17, 0])
  }

  @Test func numbersAreFeaturesAndTheAgeOfEvents() throws {
    let data = try dataset(Self.log)
    let events = EncodedInputs(try InputEncoding(nil, rule: .nextType, of: data), of: data)
    #expect(events.numbers(of: batch(data)) == [10, 20, 40, 50])
    let encoding = try InputEncoding(nil, rule: .churn, of: data)
    let users = EncodedInputs(encoding, of: data, moment: data.times?.max())
    #expect(encoding.numberCount == 2)
    let ages = stride(from: 1, to: 8, by: 2).map { users.numbers(of: batch(data))[$0] }
    #expect(ages[3] == 0 && ages[2] < ages[1] && ages[1] < ages[0])
    #expect(abs(ages[0] - Float(log1p(4.0) / 3)) < Float(Tolerance.scaledFeature))
  }

  @Test func attributesBecomePlacesAndScaledNumbers() throws {
    let data = try dataset(
      Self.log, users: "user_id,age,plan\na,20,gold\nb,40,free\n",
      items: "item_id,genres,name\nx,u|v,first\ny,v,second\n")
    let encoding = try InputEncoding(nil, rule: .nextType, of: data)
    let users = try #require(encoding.users)
    #expect(users.parts.map(\.name) == ["age", "plan"] && users.width == 3)
    #expect(EncodedInputs(encoding, of: data).userValues == [-1, 1, 0, 1, 0, 1])
    // Row 0 is no item.
    #expect(
      EncodedInputs(encoding, of: data).itemValues.prefix(encoding.items!.width).allSatisfy {
        $0 == 0
      })
    // The truth is no input, and neither is what stands beside it.
    let rule = TargetRule.userAttribute("plan")
    #expect(try InputEncoding(nil, rule: rule, of: data).users == nil)
    #expect(
      try InputEncoding([.users], rule: rule, of: data).users?.parts.map(\.name) == ["age"])
  }

  @Test func newDataIsReadByTheSameCodes() throws {
    let encoding = try InputEncoding(nil, rule: .nextType, of: try dataset(Self.log))
    let copy = try JSONDecoder().decode(
      InputEncoding.self, from: try JSONEncoder().encode(encoding))
    #expect(copy == encoding)
    let other = try dataset(
      "user_id,item_id,event,timestamp,rating,price\nc,x,buy,2024-01-01,1,1\nc,y,sell,2024-01-02,1,2\n"
    )
    let batch = RaggedBatch([Example(sequence: 0, inputs: 0..<2)], of: other)
    #expect(EncodedInputs(copy, of: other).types(of: batch) == [2, 0])
  }

  @Test func wantsWhatIsThere() throws {
    let data = try ShopLog(users: 3, items: 10, eventsPerUser: 5...5, seed: 1).dataset()
    for kind in InputKind.allCases where kind != .gap && kind != .type {
      #expect(throws: DataError.self) { try InputEncoding([kind], rule: nil, of: data) }
    }
    #expect(try InputEncoding([], rule: nil, of: data).typeCount == 0)
  }
}
