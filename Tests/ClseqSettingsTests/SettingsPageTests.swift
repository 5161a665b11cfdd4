import ClseqSettings
import Foundation
import Testing

/// `docs/settings.md` beside the table of settings; `UPDATE_GOLDENS=1` writes it anew.
@Suite struct SettingsPageTests {
  @Test func thePageIsThatOfTheTable() throws {
    let page = URL(filePath: #filePath).deletingLastPathComponent()
      .appending(path: "../../docs/settings.md").standardized
    let text = TrainingSettings.reference
    if ProcessInfo.processInfo.environment["UPDATE_GOLDENS"] != nil {
      try Data(text.utf8).write(to: page)
    }
    #expect(try String(contentsOf: page, encoding: .utf8) == text)
    for setting in Setting.all {
      #expect(text.contains(setting.isFlag ? "| `--\(setting.flag)` |" : "`\(setting.key)`"))
    }
  }
}
