import ClseqDiagnosis
import Testing

@Suite struct KernelDiagnosisTests {
  private let expected = [
    CaseResult(name: "loss", values: [1]), CaseResult(name: "gradient", values: [2, 3]),
  ]

  @Test func equalResultsAreRight() {
    #expect(KernelDiagnosis.faults(expected, expected).isEmpty)
  }

  @Test func missingResultsAreFaults() {
    #expect(!KernelDiagnosis.faults(Array(expected.prefix(1)), expected).isEmpty)
    #expect(!KernelDiagnosis.faults([], expected).isEmpty)
    #expect(!KernelDiagnosis.faults(expected.reversed(), expected).isEmpty)
  }

  @Test func otherValuesAreNamed() {
    let found = [expected[0], CaseResult(name: "gradient", values: [2, 4])]
    #expect(KernelDiagnosis.faults(found, expected) == ["gradient: element 1 is 4.0, not 3.0"])
    let short = [expected[0], CaseResult(name: "gradient", values: [2])]
    #expect(KernelDiagnosis.faults(short, expected) == ["gradient: 1 values, not 2"])
  }
}
