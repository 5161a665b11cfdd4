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

  /// Sources that are one program: most models use all of them. pocl 3.1 takes some 20 ms for each
  /// program that it has built before, and 150 ms for a new one, most of it for its own headers.
  private static let rows = [
    "elementwise", "embedding", "gather_rows", "layer_norm", "layer_norm_backward",
    "segment_sum",
  ]

  /// Sources that are compiled before every other.
  private static let first = ["prelude", "table", "random"]

  /// Names of the programs that define kernels; other sources are only compiled before them.
  package static var programNames: Set<String> {
    let names = texts.filter { $0.value.contains("__kernel void") }.keys
    return Set(names.map { rows.contains($0) ? "rows" : $0 })
  }

  /// A source, after the prelude and the files that it shares with others.
  ///
  /// - Parameters:
  ///   - name: the base name of the file under `Kernels/OpenCL`.
  ///   - shared: base names of files that are compiled before it, in this order.
  static func source(_ name: StaticString, after shared: [StaticString]) -> KernelSource {
    let (name, shared) = ("\(name)", shared.map { "\($0)" })
    if rows.contains(name) {
      precondition(shared.isEmpty, "\(name) is a part of the program 'rows'")
      return KernelSource(name: "rows", parts: parts(first + rows))
    }
    return KernelSource(name: name, parts: parts(first + shared + [name]))
  }

  private static func parts(_ names: [String]) -> [(name: String, text: String)] {
    names.map { part in
      guard let text = texts[part] else {
        preconditionFailure("no kernel source '\(part)': add it to Kernels/kernels.c")
      }
      return (name: part, text: text)
    }
  }

  private static var clseqKernelSourcesPointer: UnsafePointer<clseq_kernel_source> {
    clseq_kernel_source_list()
  }
}
