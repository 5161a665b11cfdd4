import ClseqData
import Foundation

/// What simple models of customers go by: when a user was last seen, how often, and for how much.
struct RecencyFrequencyValue {
  private let dataset: SequenceDataset
  /// From when the days since the last event count, in microseconds since 1970.
  private let moment: Int64
  /// The columns of numbers that count as value: those that were read, not derived from times.
  private let values: [Int]

  /// Derived from times, and so no value.
  private static let derived: Set<String> = ["gap", "hour", "weekday", "duration"]

  /// - Parameter moment: The cutoff of targets that look ahead; the last event of the data when nil.
  /// - Returns: Nil where the data has no times.
  init?(_ dataset: SequenceDataset, moment: Int64?) {
    guard let times = dataset.times, let last = moment ?? times.max() else { return nil }
    self.dataset = dataset
    self.moment = last
    values = dataset.features.indices.filter {
      !Self.derived.contains(dataset.features[$0].request.name)
    }
  }

  /// Numbers of a user.
  var width: Int { 2 + values.count }

  /// Logarithms of the days since the last event, of the events, and of the sum of each column of
  /// numbers (with its sign).
  ///
  /// - Parameters:
  ///   - user: Of the dataset.
  ///   - place: The user's last event that is known.
  func numbers(of user: Int, upTo place: Int) -> [Float] {
    let places = Int(dataset.offsets[user])...place
    func logarithm(_ number: Double) -> Float { Float((number < 0 ? -1 : 1) * log1p(abs(number))) }
    let sums = values.map { column in
      places.reduce(0.0) { sum, place in
        let value = dataset.events.features[column][place]
        return value.isFinite ? sum + value : sum
      }
    }
    return [Float(log1p(daysSince(place))), logarithm(Double(places.count))] + sums.map(logarithm)
  }

  /// Days from an event to the moment; 0 for one after it.
  func daysSince(_ place: Int) -> Double {
    guard let times = dataset.times else { return 0 }
    return max(0, Double(moment - times[place]) / 86_400e6)
  }
}
