extension ManualPage {
  /// What is read of the environment.
  static let environment = section(
    "ENVIRONMENT", kind: "Ev",
    [
      ("CLSEQ_*", "Settings; see above. An unknown name is an error."),
      ("NO_COLOR", "Without colours, if it is not empty."),
      ("TERM", "With dumb, progress is written as lines."),
      (
        "XDG_CACHE_HOME",
        "Datasets of large logs are kept in clseq/datasets there, and what pocl has built in clseq/kernels "
          + "(default: ~/.cache)."
      ),
      ("OCL_ICD_VENDORS", "Where the OpenCL loader looks for drivers."),
      ("POCL_CACHE_DIR", "Where pocl keeps built kernels itself, in place of clseq/kernels."),
      ("POCL_MAX_PTHREAD_COUNT", "The number of pocl's threads."),
    ])

  /// What a run directory holds, and what lies elsewhere.
  static let files = section(
    "FILES", kind: "Pa",
    [
      ("runs/", "Runs, where --run says nothing else."),
      ("RUN/config.yaml", "The resolved settings; --config takes it."),
      ("RUN/passport.json", "The protocol of the scores."),
      ("RUN/task.json", "What the model takes and gives."),
      ("RUN/metrics.jsonl", "A JSON object for each epoch."),
      ("RUN/events.out.tfevents.*", "The same for TensorBoard."),
      ("RUN/summary.json", "Scores and speed, once training has ended."),
      ("RUN/vocabulary.txt", "The items, one a line, in the order of their numbers."),
      ("RUN/checkpoints/", "Parameters (safetensors) and the state of training, with checksums."),
      ("RUN/best", "A link to the best checkpoint."),
      ("/etc/OpenCL/vendors/*.icd", "The OpenCL drivers of the machine."),
    ])

  /// How people begin.
  static let examples: String = {
    let examples = [
      (
        "Train on a log, then score the run by length of history:",
        [
          "clseq train ratings.dat --run runs/first", "clseq evaluate runs/first --by history",
        ]
      ),
      (
        "Set a model beside a baseline:",
        [
          "clseq train ratings.dat --model markov --run runs/markov",
          "clseq compare runs/first runs/markov",
        ]
      ),
      ("Go on with a run that was interrupted:", ["clseq train --resume --run runs/first"]),
      (
        "The ten likeliest next items of each user:",
        [
          "clseq predict runs/first ratings.dat -o next.csv"
        ]
      ),
    ]
    let texts = examples.map { title, lines in
      ManualText.lines(title) + ".Bd -literal -offset indent\n"
        + lines.map { "$ \($0)\n" }.joined() + ".Ed\n"
    }
    return ".Sh EXAMPLES\n" + texts.joined(separator: ".Pp\n")
  }()

  private static func section(
    _ title: String, kind: String, _ entries: [(name: String, text: String)]
  ) -> String {
    let items = entries.map { ".It \(kind) \($0.name)\n" + ManualText.lines($0.text) }
    return ".Sh \(title)\n.Bl -tag -width Ds\n" + items.joined() + ".El\n"
  }
}
