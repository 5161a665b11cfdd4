/// An event between log and dataset: 24 bytes, in memory and in spill files.
struct SpooledEvent: BitwiseCopyable {
  /// Index of the user's token, from 0.
  var user: Int32
  /// Index of the item's token, from 0.
  var item: Int32
  /// Microseconds since 1970; 0 if the log has no times.
  var time: Int64
  /// Index of the event type's token, from 0; -1 if the log has none.
  var type: Int32
  /// Number of the event in the log, which orders events of one time and names the event's details.
  var row: UInt32
}
