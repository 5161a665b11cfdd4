/// The distance of Levenshtein between two words: the minimum number of insertions, deletions and
/// replacements.
package func editDistance(_ left: String, _ right: String) -> Int {
  editDistance(Array(left.unicodeScalars), Array(right.unicodeScalars))
}

/// The same of two sequences.
package func editDistance<Element: Equatable>(_ left: [Element], _ right: [Element]) -> Int {
  var row = Array(0...right.count)
  for (i, a) in left.enumerated() {
    var diagonal = row[0]
    row[0] = i + 1
    for (j, b) in right.enumerated() {
      let replaced = diagonal + (a == b ? 0 : 1)
      diagonal = row[j + 1]
      row[j + 1] = min(replaced, row[j] + 1, diagonal + 1)
    }
  }
  return row[right.count]
}

/// The candidate nearest to a mistyped word; nil if more than half of the letters of each
/// candidate differ.
package func nearest(to word: String, among candidates: some Sequence<String>) -> String? {
  candidates
    .map { (distance: editDistance(word, $0), word: $0) }
    .filter { $0.distance <= max(word.count, $0.word.count) / 2 }
    .min { ($0.distance, $0.word) < ($1.distance, $1.word) }?
    .word
}
