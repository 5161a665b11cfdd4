import Clseq
import ClseqDiagnosis
import ClseqOps
import ClseqRuntime

/// Launches every kernel on small cases, under a checker of memory accesses, data races and
/// uninitialised reads.
///
///     KernelCheck [--device SELECTOR] [--kernels DIR] [NAME...]
///                                    cases and forms (cpu8, cpu16, gpu, and of a matrix unit tf32,
///                                    bf16), all by default; DIR has kernel sources in place of those
///                                    built in
///     KernelCheck --plant ERROR      bounds, race or uninitialized: one kernel with that error
///
/// Without names it fails if a kernel that was built was never launched, or a source was never
/// built, so that no kernel is left unchecked.
@main
struct KernelCheck {
  /// A form of the kernels. That of a matrix unit is the twin of its instruction.
  private struct Form: CustomStringConvertible {
    let tuning: Tuning
    var precision = Precision.float32

    var description: String { precision == .float32 ? "\(tuning)" : precision.rawValue }

    func has(_ kernelCase: KernelCase) -> Bool {
      precision == .float32 || [.products, .crossEntropy, .sampledLosses].contains(kernelCase)
    }
  }

  private static let forms = [
    Form(tuning: .cpu(vectorWidth: 8)), Form(tuning: .cpu(vectorWidth: 16)), Form(tuning: .gpu),
    Form(tuning: .gpu, precision: .tf32), Form(tuning: .gpu, precision: .bf16),
  ]

  static func main() throws {
    var names = Array(CommandLine.arguments.dropFirst())
    if names.first == "--plant", names.count == 2 { return try PlantedError.launch(names[1]) }
    let device = try Device.select(value(of: "--device", in: &names))
    let sources = value(of: "--kernels", in: &names)
    let known = forms.map(\.description) + KernelCase.allCases.map(\.rawValue)
    for name in names where !known.contains(name) {
      fatalError("KernelCheck: unknown \(name), known are \(known.joined(separator: ", "))")
    }
    var coverage = Coverage()
    for form in named(forms, names, by: \.description) {
      for kernelCase in named(KernelCase.allCases, names, by: \.rawValue) where form.has(kernelCase)
      {
        try coverage.add(try run(kernelCase, form, on: device, sources: sources))
      }
    }
    guard names.isEmpty else { return }
    let missing = coverage.missing
    for kernel in missing { print("never launched: \(kernel)") }
    guard missing.isEmpty else { fatalError("KernelCheck: \(missing.count) kernels unchecked") }
  }

  /// What follows an option, which is taken out of the arguments with it.
  private static func value(of option: String, in arguments: inout [String]) -> String? {
    guard let place = arguments.firstIndex(of: option), place + 1 < arguments.count else {
      return nil
    }
    defer { arguments.removeSubrange(place...place + 1) }
    return arguments[place + 1]
  }

  /// Those that are named; all when none is.
  private static func named<T>(_ all: [T], _ names: [String], by name: (T) -> String) -> [T] {
    let found = all.filter { names.contains(name($0)) }
    return found.isEmpty ? all : found
  }

  /// Each case has a separate context: to oclgrind a new buffer of a context may inherit which
  /// bytes of a freed one were written.
  private static func run(
    _ kernelCase: KernelCase, _ form: Form, on device: Device, sources: String?
  ) throws -> Context {
    let start = ContinuousClock.now
    let context = try openContext(on: device, sources: sources)
    let backend = Backend(
      context, tuning: form.tuning, matrixUnit: MatrixUnit(form.precision, isTwin: true),
      ranges: .separate)
    try kernelCase.run(on: backend)
    let count = try context.profile?.table().count ?? 0
    print("\(form) \(kernelCase): \(count) kernels, \(ContinuousClock.now - start)")
    return context
  }

  /// Programs are not optimised: LLVM's optimiser emits an intrinsic that oclgrind does not know,
  /// and the instruction `freeze`, which its check of uninitialised reads does not know.
  static func openContext(on device: Device, sources: String? = nil) throws -> Context {
    try Context(
      device, profiling: true, sourceFolder: sources,
      buildOptions: ["-cl-opt-disable"])
  }
}

/// The kernels that exist, and those that were launched.
struct Coverage {
  private var known: Set<String> = []
  private var launched: Set<String> = []
  private var builtSources: Set<String> = []

  mutating func add(_ context: Context) throws {
    let names = Set(try context.profile?.table().map(\.kernel) ?? [])
    for (source, kernel) in try context.builtKernels() {
      builtSources.insert(source)
      known.insert("\(source).\(kernel)")
      if names.contains(kernel) { launched.insert("\(source).\(kernel)") }
    }
  }

  /// Kernels that were not launched, and programs that were not built.
  var missing: [String] {
    let unbuilt = KernelSources.programNames.subtracting(builtSources)
    return known.subtracting(launched).sorted() + unbuilt.sorted()
  }
}

/// Kernels with one error each, to see that the checker finds it.
enum PlantedError {
  private static let source = KernelSource(
    name: "planted",
    text: """
      __attribute__((reqd_work_group_size(4, 1, 1))) __kernel void bounds(
          __global float *x, const int count) {
        x[get_global_id(0) + count - 3] = 1.0f;
      }
      __attribute__((reqd_work_group_size(4, 1, 1))) __kernel void race(
          __global float *x, const int count) {
        x[0] = (float)get_global_id(0);
      }
      __attribute__((reqd_work_group_size(4, 1, 1))) __kernel void uninitialized(
          __global float *x, const int count) {
        x[get_global_id(0)] += 1.0f;
      }
      """)

  static func launch(_ name: String) throws {
    let device = try Device.select()
    let context = try KernelCheck.openContext(on: device)
    let arena = Arena(context, ranges: .separate)
    let x = try arena.take(byteCount: 16)
    try context.launch(
      context.kernel(name, of: source), Grid(groups: 1, size: 4), x, Int32(4))
    try context.compute.finish()
    // The error must not be forgotten over a later context without one.
    _ = try KernelCheck.openContext(on: device)
  }
}
