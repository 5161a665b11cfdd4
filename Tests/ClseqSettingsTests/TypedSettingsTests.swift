import ClseqData
import ClseqSettings
import ClseqTestSupport
import Testing

/// Values that a text makes: what is wrong is told when it is set, with its origin, before any data is
/// read.
@Suite struct TypedSettingsTests {
  private func settings(_ values: [String: String]) throws -> TrainingSettings {
    try TrainingSettings(layers: [SettingsTests.layer(values)])
  }

  @Test(
    arguments: [
      ("2026-01-31", 1_769_817_600_000_000), ("2026-01-31T12:00:00Z", 1_769_860_800_000_000),
      ("2026-01-31T23:59", 1_769_903_940_000_000), ("2026-01-31 12:00:00", 1_769_860_800_000_000),
      ("2026-01-31T12:00:00+02:00", 1_769_853_600_000_000),
      ("2026-01-31T12:00:00.25Z", 1_769_860_800_250_000), ("1769860800", 1_769_860_800_000_000),
      ("1769860800000", 1_769_860_800_000_000), ("20260131", 1_769_817_600_000_000),
    ] as [(String, Int64)])
  func timesOfDayCount(text: String, time: Int64) throws {
    let settings = try settings(["validation_from": text, "test_from": text, "cutoff": text])
    #expect(settings.validationFrom == .time(time) && settings.testFrom == .time(time))
    #expect(settings.cutoff == .time(time))
    #expect(TimePoint(settings.testFrom.description) == .time(time))
  }

  @Test(arguments: [
    "2026-01-31xyz", "2026-02-30", "2026-01-31T25:00:00Z", "2026-01-31T12:00:00Zx", "tomorrow",
    "80", "2026", "100%", "-1%", "%", "2026-1-31", "2026-01-31T12",
  ])
  func whatIsNoTimeIsRefused(text: String) throws {
    // Times of a log may be small numbers, but four digits are a year.
    guard text != "80" else { return #expect(TimePoint("80") == .time(80_000_000)) }
    #expect(TimePoint(text) == nil)
    for (key, option) in [
      ("validation_from", "--validation-from"), ("test_from", "--test-from"),
      ("cutoff", "--cutoff"),
    ] {
      let origins: [(SettingsLayer, String)] = [
        (try SettingsTests.layer([key: text]), option),
        (
          try SettingsLayer(environment: ["CLSEQ_\(key.uppercased())": text]),
          "CLSEQ_\(key.uppercased())"
        ),
        (try SettingsLayer(yaml: "\(key): '\(text)'", path: "my.yaml"), "my.yaml: \(key)"),
      ]
      for (layer, place) in origins {
        let error = #expect(throws: SettingsError.self) { try TrainingSettings(layers: [layer]) }
        #expect(
          error?.description.hasPrefix("\(place) is '\(text)', expected a day (2026-01-31)") == true
        )
      }
    }
  }

  @Test func sharesStay() throws {
    #expect(try settings(["test_from": "92.5%"]).testFrom == .percent(92.5))
    #expect(TimePoint.percent(92.5).description == "92.5%")
    #expect(TimePoint.percent(80).description == "80%")
  }

  /// Every day of some years, leap years among them, and times before 1970.
  @Test func textsOfTimesAreReadBack() {
    for day in stride(from: -800_000 as Int64, through: 60_000, by: 97) {
      for rest in [0, 1, 86_399_999_999 as Int64] {
        let point = TimePoint.time(day * 86_400_000_000 + rest)
        guard day * 86_400 > -62_135_596_800 else { continue }
        #expect(TimePoint(point.description) == point, "\(point)")
      }
    }
  }

  @Test(arguments: [
    ("target", "labels"), ("target", "label>=x"), ("target", "type=a,,b"), ("target", "user:"),
    ("tasks", "contrast,contrast"), ("tasks", "next-item,next-item"),
    ("tasks", "next-item,next-type*x"),
    ("tasks", "next-item,next-type*0"), ("tasks", "next-item,churn"), ("inputs", "type,gaps"),
    ("inputs", "auto,type"), ("event_features", "price,,hour"),
    ("event_features", "price,price:log"),
    ("recurrent_sizes", "128,x"), ("recurrent_sizes", ""), ("recurrent_sizes", "0"),
    ("recurrent_sizes", "70000"), ("class_weights", "balance"), ("class_weights", "a=1,a=2"),
    ("class_weights", "a=-1"), ("class_weights", "=1"), ("time_format", "%d.%m"),
    ("time_format", "iso"), ("attribute_kinds", "age"), ("attribute_kinds", "age=number"),
    ("attribute_kinds", "age=float,age=token"), ("attribute_kinds", "="), ("horizon", "90"),
    ("horizon", "90days"), ("horizon", "-1d"), ("session_gap", "30"), ("max_time", "1e400s"),
  ])
  func wrongTextsAreToldWhenTheyAreSet(key: String, text: String) throws {
    let expected = try #require(Setting.named(key)?.expected)
    #expect(
      throws: SettingsError.badValue(
        key: key, value: text, expected: expected, origin: .file("x.yaml"))
    ) {
      try TrainingSettings(layers: [SettingsLayer(yaml: "\(key): '\(text)'", path: "x.yaml")])
    }
    #expect(key != "horizon" || expected.contains("90d"))
  }

  @Test(arguments: [
    ("tasks", "next-type*0.5,next:price,return*2"), ("inputs", "type,gap,users"),
    ("inputs", "none"), ("inputs", "auto"), ("event_features", "price:log,hour,size:none"),
    ("class_weights", "buy=5,view=0.5"), ("time_format", "%d.%m.%Y"), ("time_format", "us"),
    ("recurrent_sizes", "128,64,32"), ("attribute_kinds", "age=float,zip=token"),
    ("horizon", "36h"), ("horizon", "90d"), ("max_time", "2.5s"), ("cutoff", "75%"),
  ])
  func textsAreShownAsTheyWere(key: String, text: String) throws {
    // Weights of classes need a task that has some.
    let companions = key == "class_weights" ? ["task": "click"] : [:]
    let settings = try settings([key: text].merging(companions) { $1 })
    #expect(try #require(Setting.named(key)).text(in: settings) == text)
  }

  /// What an earlier version saved: durations as seconds, and a seed for users too.
  @Test func filesOfEarlierVersionsAreRead() throws {
    var settings = TrainingSettings()
    (settings.horizon, settings.maxTime, settings.seed) = (7_776_000, 90, 7)
    let old = settings.yaml
      .replacing("horizon: \"90d\"", with: "horizon: 7776000")
      .replacing("max_time: \"90s\"", with: "max_time: 90")
      .split(separator: "\n")
      .filter { !$0.hasPrefix("split_seed") && !$0.hasPrefix("seen") }.joined(separator: "\n")
    let layer = try SettingsLayer(yaml: old, path: "x")
    let read = try TrainingSettings(layers: [layer])
    settings.splitSeed = 7
    #expect(read.yaml == settings.yaml && read.yaml.contains("horizon: \"90d\""))
    #expect(try TrainingSettings(resuming: layer, layers: []).yaml == settings.yaml)
    // A file that a person wrote has no such excuse.
    #expect(throws: SettingsError.self) {
      try TrainingSettings(layers: [SettingsLayer(yaml: "horizon: 7776000", path: "x")])
    }
  }

  /// Every setting is found by its property, which the lists of the commands name.
  @Test func settingsAreFoundByTheirProperty() {
    for setting in Setting.all { #expect(Setting.at(setting.path).key == setting.key) }
  }
}
