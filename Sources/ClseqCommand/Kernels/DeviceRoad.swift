import Clseq
import ClseqRuntime
import ClseqTraining
import Foundation

/// The one road of the command line to OpenCL: ``KernelCache`` is ready before the first look at a
/// device. A test holds every command to it.
enum DeviceRoad {
  /// All devices of this machine.
  static func devices() throws(OpenCLError) -> [Device] {
    takeFolder()
    return try Device.all()
  }

  /// The device that the settings name.
  static func device(_ settings: ResolvedSettings) throws(OpenCLError) -> Device {
    makeReady()
    return try Device.select(settings.device)
  }

  /// A device's backend.
  static func backend(_ settings: ResolvedSettings) throws(OpenCLError) -> Backend {
    if settings.device != "reference" { makeReady() }
    return try settings.training.openBackend()
  }

  /// What a training will take; a device is opened to count on it alone.
  static func plan(_ settings: ResolvedSettings, _ split: Split) throws -> TrainingPlan {
    takeFolder()
    return try TrainingPlan(settings.training, split: split)
  }

  /// Before anything is built.
  private static func makeReady() {
    takeFolder()
    KernelCache.fill()
  }

  /// Before OpenCL is first used.
  private static func takeFolder() { KernelCache.open(ProcessInfo.processInfo.environment) }
}

extension ResolvedSettings {
  /// Opens the device; -v reports which one.
  ///
  /// - Parameter programs: The number that will be built or loaded, for progress.
  /// - Throws: As `openBackend()`.
  func openBackendAndReport(programs: Int? = nil) throws(OpenCLError) -> Backend {
    let backend = try DeviceRoad.backend(self)
    if let context = backend.context {
      let device = context.device
      KernelWait.begin(self, context, programs: programs)
      Console.detail(
        "device \(device.selector): \(device.name), "
          + "\(context.memory.budget / 1_048_576) MiB may be used", self)
      if device.kind != .cpu, training.tuning == .auto, let misfit = Tuning.gpu.misfit(on: device) {
        Console.warn("the kernels for a CPU are taken, which are slower there: \(misfit)", self)
      }
      if backend.matrixUnit == nil, let fault = training.precisionFault(on: device, backend.tuning)
      {
        Console.warn("products are taken in float32, not in \(training.precision): \(fault)", self)
      }
    } else {
      Console.detail("device: reference, plain Swift loops", self)
    }
    return backend
  }
}
