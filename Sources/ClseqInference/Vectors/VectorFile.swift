public import ClseqBase
import ClseqData
import ClseqNN
import Foundation

/// How vectors are written.
public enum VectorFormat: String, CaseIterable, Sendable {
  /// NumPy's format, `[count, width]` of float32; the ids stand in a file beside, one a line.
  case npy
  /// One tensor `vectors`, `[count, width]` of float32; the ids stand in a file beside, one a line.
  case safetensors
  /// As ``PredictionFormat/csv``.
  case csv
  /// As ``PredictionFormat/tsv``.
  case tsv
  /// As ``PredictionFormat/jsonl``.
  case jsonl

  /// The format by the end of a file's name; nil where that is unknown.
  public init?(path: String) {
    switch (path as NSString).pathExtension.lowercased() {
    case "npy": self = .npy
    case "safetensors": self = .safetensors
    default:
      guard let text = PredictionFormat(path: path) else { return nil }
      self.init(rawValue: text.rawValue)
    }
  }

  /// The same as a format of lines; nil for a matrix.
  public var lines: PredictionFormat? { PredictionFormat(rawValue: rawValue) }
}

/// A matrix of vectors and a file of their ids beside it, one a line; both exist whole or not at all.
public final class VectorFile {
  /// What the name of the file of ids ends in, after that of the matrix.
  public static let idSuffix = ".ids"

  private let matrix: WholeFile
  private let ids: WholeFile
  private let isTensor: Bool
  private var width = 0
  private var missing = 0

  /// Begins the files, neither of which may exist.
  ///
  /// - Parameters:
  ///   - path: That of the matrix.
  ///   - format: ``VectorFormat/npy`` or ``VectorFormat/safetensors``.
  /// - Throws: `FileError`.
  public init(_ path: String, _ format: VectorFormat) throws(FileError) {
    precondition(format.lines == nil, "VectorFile: \(format) is no matrix")
    isTensor = format == .safetensors
    matrix = try WholeFile(path, whereTaken: .isRefused)
    ids = try WholeFile(path + Self.idSuffix, whereTaken: .isRefused)
  }

  /// Writes the header.
  ///
  /// - Parameters:
  ///   - count: Vectors that will follow.
  ///   - width: Numbers of each.
  /// - Throws: `FileError`, `ParameterFileError`.
  public func begin(count: Int, width: Int) throws {
    (missing, self.width) = (count, width)
    let header =
      try isTensor
      ? ParameterFile.header(tensors: [("vectors", [count, width])], path: matrix.path)
      : NumPyFile.header(rowCount: count, width: width)
    try matrix.append(header)
  }

  /// Adds a vector.
  ///
  /// - Throws: `FileError`; `DataError.unfit` for an id of several lines.
  public func add(_ id: String, _ values: ArraySlice<Float>) throws {
    precondition(
      values.count == width && missing > 0, "VectorFile: \(values.count) numbers, not \(width)")
    missing -= 1
    guard !id.utf8.contains(UInt8(ascii: "\n")), !id.utf8.contains(UInt8(ascii: "\r")) else {
      throw DataError.unfit(
        path: matrix.path, what: "an id has several lines ('\(id.prefix(20))')",
        expected: "a text format, as --output-format jsonl")
    }
    try ids.append(id + "\n")
    let bytes = values.flatMap { value in
      withUnsafeBytes(of: value.bitPattern.littleEndian) { Array($0) }
    }
    try matrix.append(bytes)
  }

  /// Gives the files their names, the ids first.
  ///
  /// - Throws: `FileError`.
  public func finish() throws(FileError) {
    precondition(missing == 0, "VectorFile: \(missing) vectors are missing")
    try ids.finish()
    try matrix.finish()
  }
}
