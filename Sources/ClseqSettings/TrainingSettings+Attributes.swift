public import ClseqData

extension TrainingSettings {
  /// The tables of attributes, and what is said of them.
  ///
  /// - Throws: ``SettingsError/doNotFit(_:)`` for kinds that no table is for.
  public func attributeFiles() throws(SettingsError) -> AttributeFiles {
    var files = AttributeFiles(
      users: users.isEmpty ? nil : users, items: items.isEmpty ? nil : items)
    files.kinds = attributeKinds
    guard files.kinds.isEmpty || files.users != nil || files.items != nil else {
      throw .doNotFit("attribute_kinds needs a table: add users or items")
    }
    return files
  }
}
