import Foundation

/// Numbers as text for people.
package enum NumberText {
  /// A number with this many digits after the point.
  package static func fixed(_ value: Double, digits: Int) -> String {
    String(format: "%.\(digits)f", value)
  }
}
