import ClseqModels
import ClseqNN

/// Which rows and columns of the arrays of a run a smaller model keeps.
struct Pruning {
  /// What is kept of an array.
  struct Kept: Equatable {
    /// All when nil.
    var rows: [Int]?
    /// All when nil.
    var columns: [Int]?
  }

  /// What is kept of arrays, by their names; all of those that are not named.
  var kept: [String: Kept] = [:]
  /// Arrays that only the smaller model has, by their names.
  var made: [String: [Float]] = [:]

  /// - Throws: `ParameterFileError` where arrays of the run are not as they must be.
  init(_ shape: PrunedShape, of parameters: RunParameters) throws(ParameterFileError) {
    switch shape {
    case .blocks(let blocks): try self.init(blocks, of: parameters)
    case .recurrence(let layers): try self.init(layers, of: parameters)
    }
  }

  /// Keeps everything.
  init() {}

  /// The places of the greatest values, ascending; of equal ones the first.
  static func greatest(_ count: Int, of values: [Double]) -> [Int] {
    values.indices.sorted { values[$0] == values[$1] ? $0 < $1 : values[$0] > values[$1] }
      .prefix(count).sorted()
  }

  /// The sum of squares of a column of a matrix that is stored by rows.
  static func squaredNorm(ofColumn column: Int, of values: [Float], width: Int) -> Double {
    stride(from: column, to: values.count, by: width).reduce(0.0) {
      $0 + Double(values[$1]) * Double(values[$1])
    }
  }
}
