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
  public func make() throws -> Backend {
    if let backend = Self.made[self] { return backend }
    let backend: Backend
    switch self {
    case .reference: backend = .reference()
    case .cpu8: backend = Backend(try Self.context(), tuning: .cpu(vectorWidth: 8))
    case .cpu16: backend = Backend(try Self.context(), tuning: .cpu(vectorWidth: 16))
    case .gpu: backend = Backend(try Self.context(), tuning: .gpu)
    }
    Self.made[self] = backend
    return backend
  }

  /// The one context of the test process.
  public static func context() throws -> Context {
    if let opened { return opened }
    let selector = ProcessInfo.processInfo.environment["OPENCL_TEST_DEVICE"]
    let context = try Context(try Device.select(selector))
    opened = context
    return context
  }

  nonisolated(unsafe) private static var made: [TestBackend: Backend] = [:]
  nonisolated(unsafe) private static var opened: Context?
}
