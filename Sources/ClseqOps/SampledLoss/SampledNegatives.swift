/// Which loss `Tape.sampledLoss` computes. `s` is the score of an event's target, `sⱼ` those of its
/// negatives, and softplus(z) = log(1 + eᶻ).
public enum SampledLossKind: Equatable, Sendable {
  /// `log(eˢ + Σⱼ e^sⱼ) − s`, scores minus the logarithms of the expected counts where these are
  /// given (Bengio and Senécal, Adaptive importance sampling to accelerate training of a neural
  /// probabilistic language model, IEEE Transactions on Neural Networks 2008; as TensorFlow's
  /// `sampled_softmax_loss`). Equal expected counts cancel and may be left out.
  case sampledSoftmax
  /// `softplus(−s) + Σⱼ softplus(sⱼ)`: binary cross-entropy, as in SASRec (Kang and McAuley, ICDM
  /// 2018).
  case binary
  /// `β softplus(−s) + Σⱼ softplus(sⱼ)`: gBCE, which corrects the overconfidence that sampling
  /// causes (Petrov and Macdonald, gSASRec, RecSys 2023, section 5). With k negatives of V classes
  /// and the sampling rate α = k / (V − 1), β = α (t (1 − 1/α) + 1/α): a calibration t of 0 is
  /// `binary`, 1 calibrates fully. The paper's additional factor 1 / (k + 1) belongs to `scale`.
  case generalizedBinary(calibration: Float)
  /// `meanⱼ softplus(sⱼ − s)`: BPR (Rendle, Freudenthaler, Gantner, Schmidt-Thieme, UAI 2009).
  case pairwise

  /// β, the weight of the target's term.
  ///
  /// - Parameters:
  ///   - negativeCount: negatives of an event.
  ///   - classCount: V.
  package func targetWeight(negativeCount: Int, classCount: Int) -> Float {
    guard case .generalizedBinary(let calibration) = self else { return 1 }
    let rate = min(1, Float(negativeCount) / Float(max(classCount - 1, 1)))
    return rate * (calibration * (1 - 1 / rate) + 1 / rate)
  }

  /// The number of the loss in `sampled_loss_terms.cl`.
  var code: Int {
    switch self {
    case .sampledSoftmax: 0
    case .binary, .generalizedBinary: 1
    case .pairwise: 2
    }
  }
}

/// The items that a batch's targets are compared with, as rows of the item table.
public struct SampledNegatives {
  /// Logarithms of the expected count of an item in a draw, which are subtracted from the scores.
  /// For a softmax that is the logQ correction. Other losses may subtract log(k / β) from all
  /// scores: a score of 0 then is the average probability of being the target, and a model need not
  /// learn it first (Lin et al., Focal loss, ICCV 2017, section 4.1).
  public struct LogExpectedCounts {
    /// Those of the negatives; as many as there are rows.
    public let negatives: Tensor
    /// Those of the targets `[N]`.
    public let targets: Tensor

    /// Counts of negatives and of the targets of N events.
    public init(negatives: Tensor, targets: Tensor) {
      self.negatives = negatives
      self.targets = targets
    }
  }

  /// Rows of the table: `[K]`, or `[N · k]`, those of one event together.
  public let rows: Indices
  /// Whether each event has negatives of its own.
  public let isPerEvent: Bool
  /// K or k, the negatives of an event.
  public let countPerEvent: Int
  /// Logarithms that are subtracted from the scores; nil for none.
  public let logExpectedCounts: LogExpectedCounts?
  /// The events' own negatives by row; needed in training.
  public let rowIndex: DeviceRowIndex?

  /// K negatives that all events share.
  ///
  /// - Parameters:
  ///   - rows: `[K]`, K ≥ 1, distinct and ascending, each a row of the table; the caller
  ///     guarantees that.
  ///   - logExpectedCounts: The logarithm of the expected number of draws of each negative.
  public static func shared(
    _ rows: Indices, logExpectedCounts: LogExpectedCounts? = nil
  ) -> SampledNegatives {
    SampledNegatives(
      rows: rows, isPerEvent: false, countPerEvent: rows.count,
      logExpectedCounts: logExpectedCounts, rowIndex: nil)
  }

  /// k negatives per event.
  ///
  /// - Parameters:
  ///   - rows: `[N · k]`, k ≥ 1, each a row of the table; one may occur twice. The caller
  ///     guarantees that.
  ///   - count: k.
  ///   - rowIndex: the index of `rows`; needed in training.
  ///   - logExpectedCounts: The logarithm of the expected number of draws of each negative.
  public static func perEvent(
    _ rows: Indices, count: Int, rowIndex: DeviceRowIndex? = nil,
    logExpectedCounts: LogExpectedCounts? = nil
  ) -> SampledNegatives {
    SampledNegatives(
      rows: rows, isPerEvent: true, countPerEvent: count, logExpectedCounts: logExpectedCounts,
      rowIndex: rowIndex)
  }
}
