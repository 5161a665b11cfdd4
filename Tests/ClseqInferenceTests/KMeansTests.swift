import ClseqInference
import ClseqOps
import ClseqTestSupport
import Testing

@Suite struct KMeansTests {
  /// Vectors around well separated centres, the cluster of each beside them.
  private func planted(
    _ count: Int, _ width: Int, _ total: Int, seed: UInt64 = 5
  ) -> (vectors: [Float], clusters: [Int]) {
    var numbers = TestNumbers(seed: seed)
    let centres = numbers.floats(count * width).map { 20 * $0 }
    let noise = numbers.floats(total * width)
    let clusters = numbers.indices(total, below: Int32(count)).map(Int.init)
    let vectors = (0..<total * width).map { place -> Float in
      let centre = centres[clusters[place / width] * width + place % width]
      return centre + 0.3 * noise[place] + 100
    }
    return (vectors, clusters)
  }

  private func inertia(_ means: KMeans, _ vectors: [Float]) -> Double {
    vectors.enumerated().reduce(0) { sum, pair in
      let (place, value) = (pair.offset, pair.element)
      let cluster = Int(means.clusters[place / means.width])
      let difference =
        Double(value) - Double(means.centres[cluster * means.width + place % means.width])
      return sum + difference * difference
    }
  }

  /// What was planted is found, on every backend alike, and the sum is that of the centres.
  @Test(arguments: TestBackend.allCases)
  func plantedClustersAreFound(_ kind: TestBackend) throws {
    for (count, width, total) in [(1, 3, 20), (3, 2, 60), (7, 17, 400)] {
      let (vectors, clusters) = planted(count, width, total)
      let means = try KMeans(vectors, width: width, count: count, seed: 1, on: try kind.make())
      let pairs = Set(zip(clusters, means.clusters).map { "\($0) \($1)" })
      #expect(pairs.count == count)
      #expect(abs(means.inertia - inertia(means, vectors)) < 1e-3 * means.inertia)
    }
  }

  /// Each vector is at its nearest centre, and each centre the mean of its vectors.
  @Test func itIsAFixedPoint() throws {
    var numbers = TestNumbers(seed: 8)
    let (width, total, count) = (4, 300, 6)
    let vectors = numbers.floats(total * width)
    let means = try KMeans(vectors, width: width, count: count, seed: 2, on: .reference())
    func distance(_ row: Int, _ centre: Int) -> Double {
      (0..<width).reduce(0) {
        let difference =
          Double(vectors[row * width + $1]) - Double(means.centres[centre * width + $1])
        return $0 + difference * difference
      }
    }
    for row in 0..<total {
      let own = distance(row, Int(means.clusters[row]))
      #expect((0..<count).allSatisfy { own <= distance(row, $0) + 1e-4 })
    }
    for cluster in 0..<count {
      let rows = (0..<total).filter { Int(means.clusters[$0]) == cluster }
      #expect(!rows.isEmpty)
      for column in 0..<width {
        let mean =
          rows.reduce(0.0) { $0 + Double(vectors[$1 * width + column]) } / Double(rows.count)
        // The last pass may still move a few vectors.
        #expect(abs(mean - Double(means.centres[cluster * width + column])) < 0.02)
      }
    }
    let again = try KMeans(vectors, width: width, count: count, seed: 2, on: .reference())
    #expect(again.clusters == means.clusters && again.centres == means.centres)
  }

  /// More vectors than the sample that first centres come from, and as many centres as distinct vectors.
  @Test func manyAndFew() throws {
    let (vectors, clusters) = planted(4, 3, 21_000)
    let means = try KMeans(vectors, width: 3, count: 4, seed: 1, on: try TestBackend.cpu8.make())
    #expect(means.clusters.count == 21_000)
    #expect(Set(zip(clusters, means.clusters).map { "\($0) \($1)" }).count == 4)
    let few: [Float] = [0, 0, 5, 5, 9, 1]
    let all = try KMeans(few, width: 2, count: 3, seed: 1, on: .reference())
    #expect(Set(all.clusters) == [0, 1, 2] && all.inertia == 0)
    // Equal vectors leave centres without any.
    let equal = try KMeans([1, 1, 1, 1, 1, 1], width: 2, count: 3, seed: 1, on: .reference())
    #expect(equal.inertia == 0)
  }

  /// Of two pairs a = 1 and b is the mean of 10 and 11 or 9 and 10; alone, a vector counts 0.
  @Test func silhouettesAreThoseOfTheDefinition() {
    let vectors: [Float] = [0, 1, 10, 11]
    let silhouette = Silhouette(vectors, width: 1, seed: 1)
    let expected = (2 * (1 - 1 / 10.5) + 2 * (1 - 1 / 9.5)) / 4
    #expect(abs(silhouette.mean([0, 0, 1, 1], count: 2) - expected) < 1e-6)
    #expect(silhouette.mean([0, 0, 0, 0], count: 1) == 0)
    let alone = silhouette.mean([0, 1, 1, 1], count: 2)
    #expect(abs(alone - ((1 - 9.5) / 9.5 + (10 - 5) / 10 + (11 - 5.5) / 11) / 4) < 1e-6)
  }
}
