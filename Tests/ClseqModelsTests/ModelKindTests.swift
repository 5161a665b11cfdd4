import ClseqModels
import Testing

/// Names and settings of the catalogue's models.
@Suite struct ModelKindTests {
  @Test func namesDiffer() {
    #expect(Set(ModelCatalog.all).count == ModelCatalog.all.count)
  }

  /// What one key says, it says for all models: an option has one help and one range.
  @Test(arguments: ModelCatalog.settings.map(\.key))
  func aKeyMeansTheSameInAllModels(_ key: String) {
    let kinds = ModelCatalog.models(with: key)
    #expect(!kinds.isEmpty)
    let texts = kinds.map { kind in
      let settings = kind.settings.filter { $0.key == key }
      #expect(settings.count == 1, "\(kind.name)")
      return settings[0].help + settings[0].expected
    }
    #expect(Set(texts).count == 1, "\(key) of \(kinds.map(\.name))")
  }

  @Test func valuesThatDoNotFitAreRefused() {
    var values = ModelValues()
    values[.hiddenSize] = 63
    #expect(
      ModelKind.transformer.fault(of: values) == "heads (2) must divide hidden_size (63)")
    #expect(ModelKind.lstm.fault(of: values) == nil)
    var narrow = values
    narrow[.headWidth] = 20
    #expect(ModelKind.transformer.fault(of: narrow) == nil)
    values[.hiddenSize] = 1
    #expect(ModelKind.transformerCTR.fault(of: values)?.contains("2 or more") == true)
    values[.window] = 101
    #expect(ModelKind.dlrm.fault(of: values)?.contains("at most 100") == true)
    #expect(ModelKind.mlp.fault(of: values) == nil)
  }
}
