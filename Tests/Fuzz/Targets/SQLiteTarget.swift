import Foundation

@testable import ClseqData

/// A SQLite database, whose rows are events or an error.
struct SQLiteTarget: FuzzTarget {
  private static let path = "log.sqlite"

  func run(_ input: [UInt8]) {
    // What an earlier input had SQLite write beside it is no part of this one.
    for suffix in ["-wal", "-shm", "-journal"] { unlink(Self.path + suffix) }
    WorkingFolder.write(input, to: Self.path)
    do throws(DataError) {
      var stream = try InteractionStream(path: Self.path, options: ReadingOptions(format: .sqlite))
      while let event = try stream.next() {
        require(event.user < stream.users.count, "a user without a token")
        require(event.item < stream.items.count, "an item without a token")
      }
    } catch {
      // Any error is right.
    }
  }
}
