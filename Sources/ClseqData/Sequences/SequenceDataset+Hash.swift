import ClseqBase

extension SequenceDataset {
  /// A hash of the users, of the items, order and times of their events, and of the columns from which
  /// targets are computed. Other columns and the format of the log do not change it.
  ///
  /// - Parameters:
  ///   - rules: The targets; none for the ranking of items.
  ///   - countsSessions: Whether the split is by session.
  public func eventsHash(for rules: [TargetRule], countsSessions: Bool) -> String {
    var hash = ContentHash()
    func add(_ name: String, _ text: String?) {
      Array("\(name) \(text ?? "none")\n".utf8).withUnsafeBytes { hash.update($0) }
    }
    add("users", Self.hash(of: users))
    add("vocabulary", Self.hash(of: vocabulary.tokens))
    add("offsets", Self.hash(of: offsets))
    add("items", Self.hash(of: items))
    add("times", times.map { Self.hash(of: $0) })
    if countsSessions { add("sessions", events.sessions.map { Self.hash(of: $0) }) }
    for rule in rules {
      var needs = EventNeeds()
      rule.require(in: &needs)
      if needs.labels { add("labels", events.labels.map { Self.hash(of: $0) }) }
      if needs.types {
        add("types", events.types.map { Self.hash(of: $0) })
        add("names of types", types.map { Self.hash(of: $0) })
      }
      if let name = rule.feature {
        let place = features.firstIndex { $0.request.name == name }
        add("feature \(name)", place.map { Self.hash(of: events.features[$0]) })
      }
      for name in rule.userAttributes.sorted() {
        add("attribute \(name)", userAttributes?.source.hash)
      }
    }
    return hash.text
  }

  private static func hash<Element>(of column: Column<Element>) -> String {
    var hash = ContentHash()
    _ = column.withContiguousStorageIfAvailable { hash.update(UnsafeRawBufferPointer($0)) }
    return hash.text
  }

  private static func hash(of tokens: TokenTable) -> String {
    var hash = ContentHash()
    for index in 0..<tokens.count {
      tokens.utf8(at: index).withUnsafeBytes { hash.update($0) }
      withUnsafeBytes(of: UInt8(ascii: "\n")) { hash.update($0) }
    }
    return hash.text
  }
}
