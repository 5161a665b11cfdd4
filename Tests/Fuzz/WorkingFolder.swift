import Foundation

/// The folder in which the program runs, for parsers that open or map what they read.
/// `Scripts/fuzz` makes one in memory.
enum WorkingFolder {
  static func write(_ bytes: [UInt8], to name: String) {
    guard let file = fopen(name, "w") else { fatalError("\(name) cannot be made: \(errno)") }
    defer { fclose(file) }
    guard fwrite(bytes, 1, bytes.count, file) == bytes.count else {
      fatalError("\(name) cannot be written: \(errno)")
    }
  }

  static func read(_ name: String) -> [UInt8] {
    guard let file = fopen(name, "r") else { fatalError("\(name) cannot be opened: \(errno)") }
    defer { fclose(file) }
    fseek(file, 0, SEEK_END)
    let count = ftell(file)
    rewind(file)
    return Array(unsafeUninitializedCapacity: count) { $1 = fread($0.baseAddress, 1, count, file) }
  }
}
