/// The options of one call of the program: where a run is kept, and how results are shown. They are not
/// saved with a run.
public struct InvocationOptions: Equatable, Sendable {
  /// Path of the run directory; empty for a new one by model, data and time.
  public var run = ""
  /// Whether to continue the run at ``run``.
  public var resume = false
  /// The format of standard output.
  public var format = OutputFormat.text
  /// The format of standard error.
  public var logFormat = LogStyle.text
  /// Whether standard error has no progress and no notes.
  public var quiet = false
  /// Whether standard error has more details.
  public var verbose = false

  /// The defaults.
  public init() {}
}

/// The format of standard error: for people, or one JSON object per line.
public enum LogStyle: String, CaseIterable, Codable, Sendable { case text, json }

/// The format of standard output.
public enum OutputFormat: String, CaseIterable, Codable, Sendable { case text, json }

/// The settings of a training with the options of the call. Properties of both are properties of this.
@dynamicMemberLookup
public struct ResolvedSettings: Equatable, Sendable {
  /// The settings of the training.
  public var training: TrainingSettings
  /// The options of the call.
  public var invocation = InvocationOptions()
  /// Keys of the options that were given. A file that an option names is read even where nothing is taken
  /// from it, so that a wrong path is an error.
  public private(set) var given: Set<String> = []

  /// Settings with the default options.
  public init(_ training: TrainingSettings = TrainingSettings()) { self.training = training }

  /// Takes values of a layer.
  ///
  /// - Throws: ``SettingsError/badValue(key:value:expected:origin:)``.
  mutating func apply(_ layer: SettingsLayer) throws(SettingsError) {
    for (key, text) in layer.values {
      try Setting.named(key)?.set(text, in: &self, origin: layer.origin)
      if layer.origin == .commandLine { given.insert(key) }
    }
  }

  /// A setting of the training.
  public subscript<Value>(
    dynamicMember path: any WritableKeyPath<TrainingSettings, Value> & Sendable
  ) -> Value {
    get { training[keyPath: path] }
    set { training[keyPath: path] = newValue }
  }

  /// A value that follows from settings of the training.
  public subscript<Value>(
    dynamicMember path: any KeyPath<TrainingSettings, Value> & Sendable
  ) -> Value {
    training[keyPath: path]
  }

  /// An option of the call.
  public subscript<Value>(
    dynamicMember path: any WritableKeyPath<InvocationOptions, Value> & Sendable
  ) -> Value {
    get { invocation[keyPath: path] }
    set { invocation[keyPath: path] = newValue }
  }

  /// Checks what each setting's own range cannot say.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` with what to change.
  public func validate() throws(SettingsError) {
    guard !invocation.resume || !invocation.run.isEmpty else {
      throw .doNotFit("resume needs the run directory: add --run PATH")
    }
    guard !(invocation.quiet && invocation.verbose) else {
      throw .doNotFit("quiet and verbose exclude one another")
    }
    try training.validate()
  }
}
