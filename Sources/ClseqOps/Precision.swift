package import ClseqRuntime

/// How a GPU multiplies matrices. Sums, parameters, batches of small matrices and everything else are
/// float32.
public enum Precision: String, CaseIterable, Codable, Sendable {
  /// Factors as they are.
  case float32
  /// A matrix unit, which rounds factors to 10 bits after the point (TF32).
  case tf32
  /// A matrix unit, which rounds factors to 7 bits after the point (bfloat16).
  case bf16
}

/// The form of products by a GPU's matrix unit.
package struct MatrixUnit: Equatable, Sendable {
  /// Not `float32`.
  let precision: Precision
  /// Whether the instruction is computed in OpenCL C, to test what is around it.
  let isTwin: Bool

  /// - Returns: nil for `float32`.
  package init?(_ precision: Precision, isTwin: Bool = false) {
    if precision == .float32 { return nil }
    (self.precision, self.isTwin) = (precision, isTwin)
  }

  /// `MMA` and `MMA_TWIN` of `tile_mma.cl`.
  fileprivate var options: KernelOptions {
    ["MMA": precision == .tf32 ? 32 : 16, "MMA_TWIN": isTwin ? 1 : 0]
  }

  /// Why a device cannot multiply so; nil where it can: an NVIDIA GPU for which the kernels can be built,
  /// and a product is that of the reference. Other compilers are not tried, as one may abort at PTX.
  package static func fault(of precision: Precision, on device: Device) -> String? {
    guard let unit = MatrixUnit(precision) else { return nil }
    guard let capability = device.computeCapability, capability >= 80 else {
      return "it is no NVIDIA GPU of compute capability 8.0 or newer"
    }
    if let misfit = Tuning.gpu.misfit(on: device) { return "\(misfit)" }
    let shape = MatmulShape(m: 70, n: 90, k: 50, transposeB: true)
    func product(on backend: Backend) throws -> [Float] {
      func factor(_ rows: Int, _ seed: Int) throws -> Tensor {
        let values = (0..<rows * 50).map { Float(($0 * seed) % 101) / 101 - 0.5 }
        return try backend.tensor(values, [rows, 50])
      }
      let c = try backend.empty([shape.m, shape.n])
      try backend.matmul(try factor(shape.m, 37), try factor(shape.n, 29), into: c, shape)
      return try backend.read(c)
    }
    do {
      let context = try Context(device)
      let found = try product(on: Backend(context, tuning: .gpu, matrixUnit: unit))
      let expected = try product(on: .reference())
      // Each factor is off by at most half a unit of its last bit.
      let bound = (precision == .tf32 ? 0x1p-11 : 0x1p-8) * Float(shape.k) / 2
      guard zip(found, expected).allSatisfy({ abs($0 - $1) <= bound }) else {
        return "the numbers of a trial product are wrong"
      }
      return nil
    } catch let error as OpenCLError {
      if case .build = error { return "its compiler refuses the instruction" }
      return "\(error)"
    } catch {
      return "\(error)"
    }
  }
}

/// The sources, constants and names of kernels on the register tile of a GPU.
struct GPUTileForm {
  let shared: [StaticString]
  let options: KernelOptions
  private let isMatrixUnit: Bool

  /// - Parameter unit: nil for the ordinary arithmetic.
  init(_ unit: MatrixUnit?) {
    isMatrixUnit = unit != nil
    shared = unit == nil ? ["tile_gpu"] : ["tile_mma", "tile_gpu"]
    options = unit?.options ?? [:]
  }

  /// The name of a kernel in this form.
  func kernel(_ name: StaticString, matrixUnit: StaticString) -> StaticString {
    isMatrixUnit ? matrixUnit : name
  }
}
