import Clseq
import ClseqData

/// A result for JSON, with how the log was read that it is of.
struct WithReading<Body: Encodable>: Encodable {
  private let body: Body
  private let reading: ReadingReport?

  init(_ body: Body, _ source: DataSource) {
    self.body = body
    reading = source.reading
  }

  private enum Key: String, CodingKey { case reading }

  func encode(to encoder: any Encoder) throws {
    try body.encode(to: encoder)
    var container = encoder.container(keyedBy: Key.self)
    try container.encodeIfPresent(reading, forKey: .reading)
  }
}
