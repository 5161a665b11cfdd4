public import ClseqData

extension TrainingSettings {
  /// The tables of attributes, and what is said of them.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for kinds that are none, or that no table is for.
  public func attributeFiles() throws(SettingsError) -> AttributeFiles {
    var files = AttributeFiles(
      users: users.isEmpty ? nil : users, items: items.isEmpty ? nil : items)
    for entry in attributeKinds.split(separator: ",") {
      let parts = entry.split(separator: "=", maxSplits: 1).map { String($0) }
      guard parts.count == 2, let kind = AttributeKind(rawValue: parts[1]) else {
        let kinds = AttributeKind.allCases.map(\.rawValue).joined(separator: ", ")
        throw .doNotFit(
          "attribute_kinds has '\(entry)', expected NAME=KIND, the kind one of \(kinds)")
      }
      files.kinds[parts[0]] = kind
    }
    guard files.kinds.isEmpty || files.users != nil || files.items != nil else {
      throw .doNotFit("attribute_kinds needs a table: add users or items")
    }
    return files
  }
}
