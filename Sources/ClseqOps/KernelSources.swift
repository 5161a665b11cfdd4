import ClseqKernels
import ClseqRuntime

/// The OpenCL sources that are part of the binary, by base name.
package enum KernelSources {
  private static let texts: [String: String] = {
    var texts: [String: String] = [:]
    let all = UnsafeBufferPointer(
      start: clseqKernelSourcesPointer, count: clseq_kernel_source_count)
    for source in all { texts[String(cString: source.name)] = String(cString: source.text) }
    return texts
  }()

  /// Base names of the sources that define kernels; the others are only compiled before them.
  package static var namesWithKernels: [String] {
    texts.filter { $0.value.contains("__kernel void") }.keys.sorted()
  }

  /// A source, after the prelude and the files that it shares with others.
  ///
  /// - Parameters:
  ///   - name: the base name of the file under `Kernels/OpenCL`.
  ///   - shared: base names of files that are compiled before it, in this order.
  static func source(_ name: String, after shared: [String]) -> KernelSource {
    let parts = (["prelude"] + shared + [name]).map { part in
      guard let text = texts[part] else {
        preconditionFailure("no kernel source '\(part)': add it to Kernels/kernels.c")
      }
      return (name: part, text: text)
    }
    return KernelSource(name: name, parts: parts)
  }

  private static var clseqKernelSourcesPointer: UnsafePointer<clseq_kernel_source> {
    clseq_kernel_source_list()
  }
}
