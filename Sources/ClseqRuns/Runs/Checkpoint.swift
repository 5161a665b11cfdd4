public import ClseqBase
import Foundation

/// A finished checkpoint: a folder of files with their checksums, renamed into place whole and
/// never changed after that.
public struct Checkpoint: Equatable, Sendable {
  /// The folder.
  public let path: String

  /// The name of the folder in `checkpoints`.
  public var name: String { (path as NSString).lastPathComponent }

  /// The list of checksums: `crc32c`, byte count and name of every other file, a line each.
  static let listName = "checksums.txt"
  /// The name of the file of parameters.
  package static let parametersName = "model.safetensors"

  init(path: String) { self.path = path }

  /// The path of a file inside.
  public func file(_ name: String) -> String { "\(path)/\(name)" }

  /// Checks files against the list.
  ///
  /// - Parameter needed: Those to check, nothing being said of others; nil for all, and that no
  /// other is
  ///   there.
  /// - Throws: ``CheckpointError`` for a file that is missing, unlisted or damaged.
  public func verify(_ needed: Set<String>? = nil) throws(CheckpointError) {
    let names: [String]
    var listed: [Line]
    do {
      names = try DurableFiles.names(in: path).filter { $0 != Self.listName }
      listed = try Self.parse(String(decoding: DurableFiles.bytes(of: listPath), as: UTF8.self))
    } catch let error as FileError {
      throw .unreadable(error)
    } catch {
      throw .malformedList(path: listPath)
    }
    if let needed {
      let unlisted = needed.subtracting(listed.map(\.name)).min()
      if let unlisted { throw .unlisted(path: file(unlisted)) }
      listed.removeAll { !needed.contains($0.name) }
    } else if let surplus = Set(names).subtracting(listed.map(\.name)).min() {
      throw .unlisted(path: file(surplus))
    }
    for line in listed {
      guard names.contains(line.name) else { throw .missing(path: file(line.name)) }
      let found: Line
      do { found = try Self.line(for: line.name, in: path) } catch { throw .unreadable(error) }
      guard found == line else { throw .damaged(path: file(line.name)) }
    }
  }

  /// The hash of the file of parameters, with the name of the hash: which weights a run depends on.
  ///
  /// - Throws: `FileError` where it cannot be read.
  package func parametersHash() throws(FileError) -> String {
    let path = file(Self.parametersName)
    guard let handle = FileHandle(forReadingAtPath: path) else { throw FileError(.read, path) }
    defer { try? handle.close() }
    var hash = ContentHash()
    do {
      while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
        chunk.withUnsafeBytes { hash.update($0) }
      }
    } catch { throw FileError(.read, path, reason: FileError.reason(of: error)) }
    return hash.text
  }

  /// Fills a folder beside `path` by `body`, then makes it durable and renames it into place. A
  /// intact checkpoint of this name is kept: the name has the step, and a step has one result.
  ///
  /// Nothing remains where `body` throws.
  static func write(
    to path: String, _ body: (_ folder: String) throws -> Void
  ) throws -> Checkpoint {
    let checkpoint = Checkpoint(path: path)
    if FileManager.default.fileExists(atPath: path) {
      if (try? checkpoint.verify()) != nil { return checkpoint }
      try DurableFiles.removeWhole(path)
    }
    let partial = path + DurableFiles.partialSuffix
    try DurableFiles.remove(partial)
    try DurableFiles.createFolder(partial)
    do {
      try body(partial)
      let names = try DurableFiles.names(in: partial)
      let lines = try names.map { try line(for: $0, in: partial).text }
      try DurableFiles.write(Array(lines.joined().utf8), to: "\(partial)/\(listName)")
      for name in names { try DurableFiles.synchronise("\(partial)/\(name)") }
      try DurableFiles.synchronise(partial)
      try DurableFiles.rename(partial, to: path)
    } catch {
      try? DurableFiles.remove(partial)
      throw error
    }
    return checkpoint
  }

  private var listPath: String { file(Self.listName) }
}

// MARK: - The list of checksums

extension Checkpoint {
  private struct Line: Equatable {
    let checksum: UInt32
    let byteCount: Int
    let name: String

    var text: String {
      let digits = String(checksum, radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + "\(digits) \(byteCount) \(name)\n"
    }
  }

  private struct Malformed: Error {}

  private static func line(for name: String, in folder: String) throws(FileError) -> Line {
    let path = "\(folder)/\(name)"
    guard let handle = FileHandle(forReadingAtPath: path) else { throw FileError(.read, path) }
    var check = CRC32C()
    var byteCount = 0
    do {
      while let chunk = try handle.read(upToCount: 1 << 20), !chunk.isEmpty {
        chunk.withUnsafeBytes { check.update($0) }
        byteCount += chunk.count
      }
    } catch {
      throw FileError(.read, path, reason: FileError.reason(of: error))
    }
    return Line(checksum: check.value, byteCount: byteCount, name: name)
  }

  private static func parse(_ text: String) throws -> [Line] {
    let lines = try text.split(separator: "\n").map { line in
      let fields = line.split(separator: " ", maxSplits: 2)
      guard fields.count == 3, let checksum = UInt32(fields[0], radix: 16),
        let byteCount = Int(fields[1]), !fields[2].contains("/")
      else { throw Malformed() }
      return Line(checksum: checksum, byteCount: byteCount, name: String(fields[2]))
    }
    // Numbers can be written in more ways than one, and only one was.
    guard lines.map(\.text).joined() == text else { throw Malformed() }
    return lines
  }
}

/// Why a checkpoint cannot be trusted.
public enum CheckpointError: Error, Equatable, Sendable, CustomStringConvertible {
  /// The file's bytes are not those that were written.
  case damaged(path: String)
  /// A file of the list of checksums, or the list itself, is not there.
  case missing(path: String)
  /// A file is there that the list does not name.
  case unlisted(path: String)
  /// The list of checksums cannot be understood.
  case malformedList(path: String)
  /// The operating system would not let the checkpoint be read.
  case unreadable(FileError)

  /// The file.
  public var path: String {
    switch self {
    case .damaged(let path), .missing(let path), .unlisted(let path), .malformedList(let path): path
    case .unreadable(let error): error.path
    }
  }

  /// The file and what is wrong with it.
  public var description: String {
    switch self {
    case .damaged(let path): "\(path) is damaged: its checksum differs"
    case .missing(let path): "\(path) is missing"
    case .unlisted(let path): "\(path) does not belong to the checkpoint"
    case .malformedList(let path): "\(path) is damaged: it is no list of checksums"
    case .unreadable(let error): error.description
    }
  }
}
