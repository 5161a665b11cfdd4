import ClseqData
import ClseqSettings
import Testing

@Suite struct TaskKindTests {
  private static let rules: [TargetRule] = [
    .label(least: nil), .label(least: 4), .label(least: 0.5), .types(["click", "buy"]), .nextType,
    .nextFeature("price"), .returnTime, .userAttribute("age"),
    .userDuration("days", observed: "ended"), .churn, .futureCount, .futureSum("price"),
  ]

  @Test(arguments: rules) func textMakesTheRule(_ rule: TargetRule) {
    #expect(TargetRule(rule.text) == rule)
  }

  @Test(arguments: [
    "", "labels", "label>=", "label>=x", "label>=nan", "type=", "user:", "user:a/", "next:",
  ])
  func otherTextMakesNone(_ text: String) {
    #expect(TargetRule(text) == nil)
  }

  /// A text has one meaning: no two forms of targets take it.
  @Test(arguments: rules) func oneFormTakesAText(_ rule: TargetRule) {
    let forms = Set(TaskKind.allCases.flatMap(\.targets))
    #expect(forms.filter { $0.rule(rule.text) != nil } == [rule.form])
  }

  @Test func everyRuleIsOfATask() {
    #expect(Set(TaskKind.allCases.flatMap(\.targets)).isSuperset(of: Self.rules.map(\.form)))
  }

  @Test(arguments: TaskKind.allCases)
  func aTaskTakesItsUsualTarget(_ task: TaskKind) {
    #expect(task.usualTarget.map { task.targets.contains($0.form) } ?? task.targets.isEmpty)
    #expect(task.losses.first == .auto)
    #expect(TaskKind(rawValue: task.rawValue) == task)
  }

  @Test func namesOfTasksDiffer() {
    #expect(Set(TaskKind.allCases).count == TaskKind.allCases.count)
    #expect(TaskKind(rawValue: "guess") == nil)
  }
}
