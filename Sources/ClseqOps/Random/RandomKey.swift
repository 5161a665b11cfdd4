import ClseqBase

/// The source of the random numbers of a training pass: each number is a function of its purpose
/// (layer, epoch, sequence, time, channel), not of its position in a batch.
public struct RandomKey: Equatable, Sendable {
  /// Seed of the run.
  public let seed: UInt64
  /// Epoch, from 0.
  public let epoch: UInt32

  /// The key of one epoch of a run.
  public init(seed: UInt64, epoch: UInt32) {
    self.seed = seed
    self.epoch = epoch
  }

  /// The key of a layer, by its name.
  public func layer(_ name: String) -> LayerKey {
    LayerKey(words: Self.mixed(seed &+ Self.mixed(FNV1a.hash(name.utf8))), epoch: epoch)
  }

  /// The finaliser of SplitMix64 (Steele, Lea, Flood 2014): every input bit reaches every output
  /// bit.
  private static func mixed(_ value: UInt64) -> UInt64 {
    var z = value &+ 0x9E37_79B9_7F4A_7C15
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}

/// Random numbers of one layer in one epoch.
public struct LayerKey: Equatable, Sendable {
  /// The key of `Philox`.
  public let key: SIMD2<UInt32>
  /// Epoch, from 0; part of the counter.
  public let epoch: UInt32

  init(words: UInt64, epoch: UInt32) {
    key = SIMD2(UInt32(truncatingIfNeeded: words), UInt32(truncatingIfNeeded: words >> 32))
    self.epoch = epoch
  }
}

/// Probability of dropping a value, in the form that kernels take.
public struct DropoutRate: Equatable, Sendable {
  /// A value is dropped when its random word is below this.
  public let threshold: UInt32
  /// Values that are not dropped are multiplied by this.
  public let scale: Float

  /// - Parameter probability: at least 0 and below 1.
  public init(_ probability: Float) {
    precondition(probability >= 0 && probability < 1, "dropout \(probability) is not in 0..<1")
    threshold = UInt32(Double(probability) * 4_294_967_296)
    scale = 1 / (1 - probability)
  }
}
