public import ClseqOps
public import ClseqRuntime
import Foundation

/// The backends that tests run on. Forms of kernels are forced, so that the GPU's form runs on a
/// CPU too.
///
/// The suite runs with `swift test --no-parallel`: one device serves all tests, one at a time.
public enum TestBackend: String, CaseIterable, Sendable, CustomStringConvertible {
  case reference, cpu8, cpu16, gpu

  /// All forms that launch kernels.
  public static let onDevice: [TestBackend] = [.cpu8, .cpu16, .gpu]

  /// The backend's name.
  public var description: String { rawValue }

  /// The backend, made on first use and kept with its built kernels.
  ///
  /// The device is the one that the environment variable `OPENCL_TEST_DEVICE` selects, else the
  /// default.
  ///
  /// - Parameter storage: of values that wait for the backward pass.
  public func make(storage: Tensor.ElementType = .float32) throws -> Backend {
    let key = Key(kind: self, storage: storage)
    if let backend = Self.made[key] { return backend }
    let backend =
      if let tuning {
        Backend(try Self.context(), tuning: tuning, storage: storage)
      } else {
        Backend.reference(storage: storage)
      }
    Self.made[key] = backend
    return backend
  }

  private var tuning: Tuning? {
    switch self {
    case .reference: nil
    case .cpu8: .cpu(vectorWidth: 8)
    case .cpu16: .cpu(vectorWidth: 16)
    case .gpu: .gpu
    }
  }

  private struct Key: Hashable {
    let kind: TestBackend
    let storage: Tensor.ElementType
  }

  /// The one context of the test process.
  public static func context() throws -> Context {
    if let opened { return opened }
    let selector = ProcessInfo.processInfo.environment["OPENCL_TEST_DEVICE"]
    let context = try Context(try Device.select(selector))
    opened = context
    return context
  }

  nonisolated(unsafe) private static var made: [Key: Backend] = [:]
  nonisolated(unsafe) private static var opened: Context?
}
