import ClseqKernels
import ClseqRuntime

/// The OpenCL sources that are part of the binary, by base name.
enum KernelSources {
  private static let texts: [String: String] = {
    var texts: [String: String] = [:]
    let all = UnsafeBufferPointer(
      start: clseqKernelSourcesPointer, count: clseq_kernel_source_count)
    for source in all { texts[String(cString: source.name)] = String(cString: source.text) }
    return texts
  }()

  /// Base names of all sources but the prelude.
  static var names: [String] { texts.keys.filter { $0 != "prelude" }.sorted() }

  /// A source behind the prelude.
  ///
  /// - Parameter name: the base name of the file under `Kernels/OpenCL`.
  static func source(_ name: String) -> KernelSource {
    guard let prelude = texts["prelude"], let text = texts[name] else {
      preconditionFailure("no kernel source '\(name)': add it to Kernels/kernels.c")
    }
    return KernelSource(name: name, parts: [("prelude", prelude), (name, text)])
  }

  private static var clseqKernelSourcesPointer: UnsafePointer<clseq_kernel_source> {
    clseq_kernel_source_list()
  }
}
