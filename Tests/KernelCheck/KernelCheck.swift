import Clseq
import ClseqOps
import ClseqRuntime

/// Launches every kernel on small cases, for a checker of memory accesses and data races to watch.
///
///     KernelCheck TUNING...          cpu8, cpu16, gpu
///     KernelCheck --plant ERROR      bounds, race, uninitialized: one kernel with that error
///
/// It fails when a kernel that was built was never launched, or a source was never built, so that
/// none escapes the check.
@main
struct KernelCheck {
  static func main() throws {
    let arguments = Array(CommandLine.arguments.dropFirst())
    if arguments.first == "--plant", arguments.count == 2 {
      return try PlantedError.launch(arguments[1])
    }
    var coverage = Coverage()
    for name in arguments {
      guard let tuning = tuning(name) else { fatalError("KernelCheck: unknown tuning \(name)") }
      // oclgrind does not know an intrinsic that LLVM's optimiser leaves where it inlines.
      let context = try Context(
        try Device.select(), profiling: true, buildOptions: ["-cl-opt-disable"])
      let backend = Backend(context, tuning: tuning)
      try SmallCases(backend).run()
      try coverage.add(context)
      print("\(name): \(try context.profile?.table().count ?? 0) kernels")
    }
    let missing = coverage.missing
    for kernel in missing { print("never launched: \(kernel)") }
    guard missing.isEmpty else { fatalError("KernelCheck: \(missing.count) kernels unchecked") }
  }

  private static func tuning(_ name: String) -> Tuning? {
    [.cpu(vectorWidth: 8), .cpu(vectorWidth: 16), .gpu].first { $0.description == name }
  }
}

/// Which kernels there are, and which were launched.
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

  /// Kernels that were not launched, and sources with kernels that were not built.
  var missing: [String] {
    let unbuilt = Set(KernelSources.namesWithKernels).subtracting(builtSources)
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
        if (x[get_global_id(0)] > 0.0f) x[get_global_id(0)] = 1.0f;
      }
      """)

  static func launch(_ name: String) throws {
    let context = try Context(try Device.select())
    let x = try DeviceBuffer(context, byteCount: 16).slice()
    try context.launch(
      context.kernel(name, of: source), Grid(groups: 1, size: 4), x, Int32(4))
    try context.compute.finish()
  }
}
