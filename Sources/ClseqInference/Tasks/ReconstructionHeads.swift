package import ClseqData
package import ClseqNN
package import ClseqOps

/// The layers that say, from the state of a written event, all but its item: what a run takes of events beside items, and
/// whether the sequence ends with the event.
package struct ReconstructionHeads {
  /// What a layer says.
  package enum Part: Equatable, Sendable {
    /// The code of the type; 0 has no truth.
    case type
    /// The class of the gap; that of a user's first event has no truth.
    case gap
    /// A feature by its index in the encoding, with mean 0 and deviation 1.
    case number(Int)
    /// The logit of the event being the last.
    case end
  }

  /// The truth of a part for each event of a batch.
  package enum Truths {
    /// The class; −1 for none.
    case classes([Int32])
    /// The number; NaN for none.
    case numbers([Float])
    /// 1 for yes and 0 for no.
    case yes([Float])
  }

  /// A layer and its meaning.
  package struct Head {
    package let part: Part
    /// The name of its figures.
    package let name: String
    package let layer: Linear
  }

  /// The prefix of the names of parameters.
  package static let name = "reconstruction"

  /// Types, gaps and features where the run takes them, then the end.
  package let heads: [Head]

  /// Declares `reconstruction.types`, `.gaps`, `.features.0` … and `.end`.
  ///
  /// - Parameters:
  ///   - inputs: What the run takes of events.
  ///   - width: That of the states.
  ///   - store: The store.
  package init(_ inputs: InputEncoding, width: Int, in store: ParameterStore) {
    var heads: [Head] = []
    func add(_ part: Part, _ name: String, _ parameters: String, _ outputCount: Int) {
      let layer = Linear(
        "\(Self.name).\(parameters)", inputs: width, outputs: outputCount, in: store)
      heads.append(Head(part: part, name: name, layer: layer))
    }
    if inputs.types != nil { add(.type, "type", "types", inputs.typeCount) }
    if inputs.hasGaps { add(.gap, "gap", "gaps", InputEncoding.gapCount) }
    for (index, feature) in inputs.features.enumerated() {
      add(.number(index), feature.request.name, "features.\(index)", 1)
    }
    add(.end, "end", "end", 1)
    self.heads = heads
  }

  /// The truths of a part.
  package static func truths(
    of part: Part, in batch: RaggedBatch, _ inputs: EncodedInputs
  ) -> Truths {
    switch part {
    case .type: .classes(inputs.types(of: batch).map { $0 == 0 ? -1 : $0 })
    case .gap: .classes(inputs.gaps(of: batch).map { $0 == 0 ? -1 : $0 })
    case .number(let index): .numbers(inputs.standardized(index, of: batch))
    case .end: .yes(batch.isLast.map { $0 ? 1 : 0 })
    }
  }
}
