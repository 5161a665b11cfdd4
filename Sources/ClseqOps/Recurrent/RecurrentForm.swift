/// How a recurrence over ragged sequences is launched. The results are the same.
package enum RecurrentForm: CaseIterable, Sendable {
  /// One launch: each work-group computes all steps of its sequences.
  case sequences
  /// One launch per step, over the sequences that are long enough.
  case steps

  /// The faster one on a CPU, measured by `clseq bench recurrent`: a work-item keeps the states of
  /// its sequences in its cache, and no core waits for another after each step. Not measured on a
  /// GPU, where a launch is expected to take longer than a step.
  package static let preferred = RecurrentForm.sequences
}
