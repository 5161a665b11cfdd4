import Clseq
import ClseqTraining

/// Bytes as people read them.
enum ByteText {
  /// With one digit after the point.
  static func mebibytes(_ byteCount: Int) -> String {
    "\(NumberText.fixed(Double(byteCount) / 0x1p20, digits: 1)) MiB"
  }
}
