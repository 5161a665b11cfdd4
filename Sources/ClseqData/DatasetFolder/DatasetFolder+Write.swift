import ClseqBase

extension DatasetFolder {
  /// Writes the result of a preparation.
  ///
  /// - Throws: `DataError.noUsersLeft`, `.cannotWrite`, `.readFailed`.
  static func write(
    _ preparation: borrowing Preparation, attributes: AttributeFiles.Tables, version: String,
    to path: String
  ) throws(DataError) -> DatasetManifest {
    var manifest: DatasetManifest?
    try create(path) { (folder) throws(DataError) in
      var files: [String: DatasetManifest.File] = [:]
      var dataset = try preparation.dataset(in: folder, &files)
      files[userTokens] = try TokenFile.write(dataset.users, to: "\(folder)/\(userTokens)")
      files[itemTokens] = try TokenFile.write(
        dataset.vocabulary.tokens, hasUnknown: dataset.vocabulary.hasUnknown,
        to: "\(folder)/\(itemTokens)")
      if let types = dataset.types {
        files[typeTokens] = try TokenFile.write(types, to: "\(folder)/\(typeTokens)")
      }
      try dataset.attach(attributes)
      let userAttributes = try write(dataset.userAttributes, of: .user, to: folder, &files)
      let itemAttributes = try write(dataset.itemAttributes, of: .item, to: folder, &files)
      let written = DatasetManifest(
        clseqVersion: version, source: dataset.source, rules: preparation.rules.cleaning,
        report: preparation.report, sessionGap: preparation.sessionGap,
        features: dataset.features, userCount: dataset.userCount, itemCount: dataset.itemCount,
        eventCount: dataset.eventCount, userAttributes: userAttributes,
        itemAttributes: itemAttributes, files: files)
      let text = try written.text()
      try DataError.writing { () throws(FileError) in
        try DurableFiles.write(text, to: "\(folder)/\(DatasetManifest.fileName)")
      }
      manifest = written
    }
    return manifest!
  }
}
