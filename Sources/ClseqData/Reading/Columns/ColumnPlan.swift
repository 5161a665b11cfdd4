/// Where in a record each role's field is: a ``ColumnMapping`` that has met a header.
struct ColumnPlan: Equatable {
  /// What is wrong between a mapping and a header.
  struct Fault: Error, Equatable {
    /// The column at fault; nil if one is missing.
    var column: Int?
    var expected: String
    var found: String
  }

  /// A feature and its place.
  struct Feature: Equatable {
    var column: Int
    var description: FeatureColumn
  }

  /// The names of all columns.
  let names: [String]
  let user: Int
  let item: Int
  private(set) var eventType: Int?
  private(set) var time: Int?
  private(set) var endTime: Int?
  private(set) var session: Int?
  private(set) var label: Int?
  private(set) var features: [Feature] = []
  /// The columns that may be that of times by their names, the likeliest first, where there are several
  /// and none is named: their values decide.
  private(set) var timeCandidates: [Int] = []

  init(_ names: [String], _ mapping: ColumnMapping) throws(Fault) {
    let header = ColumnSearch(names, mapping)
    self.names = names
    user = try header.required(.user)
    item = try header.required(.item)
    eventType = try header.column(.eventType)
    time = try header.column(.time)
    timeCandidates = mapping[.time] == nil ? header.timeCandidates : []
    endTime = try header.column(.endTime)
    session = try header.column(.session)
    label = try header.column(.label)
    if let features = mapping.features {
      for feature in features {
        let column = try header.column(named: feature.name, for: .features)
        self.features.append(Feature(column: column, description: feature))
      }
    } else if mapping.recognized.contains(.features) {
      features = header.recognizedFeatures(except: time)
    }
  }

  /// Takes another column for that of times.
  mutating func setTime(_ column: Int) { time = column }

  /// Candidates that are not the column of times.
  var otherTimeColumns: [String] { timeCandidates.filter { $0 != time }.map { names[$0] } }

  /// Whether a record has what ``ParsedLog/Details`` holds.
  var hasDetails: Bool { endTime != nil || session != nil || label != nil }

  /// The roles that have a column, and the column; features are left out.
  var columns: [(role: ColumnRole, column: Int)] {
    let all: [(ColumnRole, Int?)] = [
      (.user, user), (.item, item), (.eventType, eventType), (.time, time), (.endTime, endTime),
      (.session, session), (.label, label),
    ]
    return all.compactMap { role, column in column.map { (role, $0) } }
  }

  /// Whether another file gives the same facts of each event, wherever its columns are.
  func agrees(with other: ColumnPlan) -> Bool {
    columns.map(\.role) == other.columns.map(\.role)
      && features.map(\.description) == other.features.map(\.description)
  }
}

/// The names of a file's columns, and how they are looked up.
struct ColumnSearch {
  let names: [String]
  let normalized: [String]
  let mapping: ColumnMapping

  init(_ names: [String], _ mapping: ColumnMapping) {
    self.names = names
    self.mapping = mapping
    normalized = names.map(ColumnName.normalized)
  }

  func required(_ role: ColumnRole) throws(ColumnPlan.Fault) -> Int {
    if let column = try column(role) { return column }
    throw missing("a column for \(role.noun), such as \(role == .user ? "user_id" : "item_id")")
  }

  func column(_ role: ColumnRole) throws(ColumnPlan.Fault) -> Int? {
    if let name = mapping[role] {
      if mapping.optional.contains(role), !names.contains(name) { return nil }
      return try column(named: name, for: role)
    }
    guard mapping.recognized.contains(role) else { return nil }
    let known = role.names.first { normalized.contains($0) }
    guard let known, let first = normalized.firstIndex(of: known) else { return nil }
    return try only(first, normalized)
  }

  func column(named name: String, for role: ColumnRole) throws(ColumnPlan.Fault) -> Int {
    guard let first = names.firstIndex(of: name) else {
      throw missing("a column \"\(name)\" for \(role.noun)")
    }
    return try only(first, names)
  }

  /// Columns that are called as times are, where there is more than one; none where times are not
  /// looked for.
  var timeCandidates: [Int] {
    guard mapping.recognized.contains(.time) else { return [] }
    let names = ColumnRole.time.names + ColumnRole.otherTimeNames
    let columns = names.compactMap { normalized.firstIndex(of: $0) }
    return columns.count > 1 ? columns : []
  }

  func recognizedFeatures(except time: Int?) -> [ColumnPlan.Feature] {
    names.indices.compactMap { column in
      let isTime = ColumnRole.timeFeatureNames.contains(normalized[column])
      guard column != time, isTime || ColumnRole.features.names.contains(normalized[column]) else {
        return nil
      }
      return ColumnPlan.Feature(
        column: column, description: FeatureColumn(names[column], kind: isTime ? .time : .number))
    }
  }

  /// The column itself, if no later one has its name.
  private func only(_ column: Int, _ spelled: [String]) throws(ColumnPlan.Fault) -> Int {
    let last = spelled.lastIndex(of: spelled[column]) ?? column
    if last == column { return column }
    throw ColumnPlan.Fault(
      column: last, expected: "one column \(names[column])",
      found: "\(spelled.count { $0 == spelled[column] }) of that name")
  }

  private func missing(_ expected: String) -> ColumnPlan.Fault {
    ColumnPlan.Fault(
      column: nil, expected: expected,
      found: names.isEmpty ? "none" : "the columns " + names.joined(separator: ", "))
  }
}
