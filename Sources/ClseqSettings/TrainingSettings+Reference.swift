extension TrainingSettings {
  /// `docs/settings.md`: every setting with its help, the values that it takes, its default, and when it
  /// has an effect.
  public static var reference: String {
    let defaults = TrainingSettings()
    let sections = Setting.groups.map { section in
      let rows = section.settings.map { $0.referenceRow(defaults) }
      return """

        ## \(section.title)

        | option | meaning | values | default | only for |
        |---|---|---|---|---|

        """ + rows.joined()
    }
    return """
      # Which settings are there?

      This page is generated from the table of settings; `UPDATE_GOLDENS=1 Scripts/test --filter SettingsPageTests`
      writes it anew. `--hidden-size` is `hidden_size` in a YAML file and `CLSEQ_HIDDEN_SIZE` in the environment;
      [operating.md](operating.md#settings) says which of them wins. Defaults are those of ranking next items with a
      transformer; `clseq config template --task click` prints those of another task. A setting that has no effect in a
      training is reported before it begins.

      """ + sections.joined()
  }
}

extension Setting {
  /// A row of the Markdown table.
  fileprivate func referenceRow(_ defaults: TrainingSettings) -> String {
    let values =
      choices.isEmpty
      ? expected.replacing("'", with: "`") : choices.map { "`\($0)`" }.joined(separator: ", ")
    let normal = text(in: defaults)
    let cells = [
      isFlag ? "`--\(flag)`" : "argument `\(key)`", help, values,
      normal.isEmpty ? "" : "`\(normal)`",
      SettingEffect.all[key]?.purpose ?? "",
    ]
    return "| \(cells.map { $0.replacing("|", with: "\\|") }.joined(separator: " | ")) |\n"
  }
}
