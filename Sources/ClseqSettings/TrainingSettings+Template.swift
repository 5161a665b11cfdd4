extension TrainingSettings {
  /// A file of settings to start from: every setting that may stand in one, with its help, what it
  /// takes, and its value here.
  public var template: String {
    let settings = Setting.all(of: self).filter { $0.scope != .invocation }.map { setting in
      """

      # \(setting.help)
      # Takes \(setting.expected).
      \(setting.key): \(setting.yaml(in: self))

      """
    }
    return """
      # Settings of clseq train, which takes this file by --config. CLSEQ_* in the environment and
      # options win over it. Every line may go: the default then follows --task and --model.

      """ + settings.joined()
  }
}
