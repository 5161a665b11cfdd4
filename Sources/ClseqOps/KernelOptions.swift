/// Constants that a program is built with: `["HEAD_WIDTH": 32]` defines `HEAD_WIDTH` as 32.
public struct KernelOptions: ExpressibleByDictionaryLiteral {
  private var definitions: [(name: StaticString, value: Int)]

  /// The definitions in their order.
  public init(dictionaryLiteral definitions: (StaticString, Int)...) {
    self.definitions = definitions.map { (name: $0.0, value: $0.1) }
  }

  /// These and others after them.
  public static func + (options: KernelOptions, more: KernelOptions) -> KernelOptions {
    var all = options
    all.definitions += more.definitions
    return all
  }

  /// As the compiler takes them.
  var texts: [String] { definitions.map { "-D\($0.name)=\($0.value)" } }

  fileprivate func append(to words: inout [Int]) {
    for (name, value) in definitions { words += [address(of: name), value] }
  }
}

/// What a launch names: a kernel, its sources and constants, by the addresses of their names, so that
/// neither texts nor options are put together at each launch.
struct KernelKey: Hashable {
  private var words: [Int]

  init(
    _ kernel: StaticString, in source: StaticString, after shared: [StaticString],
    _ options: KernelOptions
  ) {
    words = [address(of: kernel), address(of: source), shared.count]
    words += shared.map(address)
    options.append(to: &words)
  }
}

/// A name's address. One name may have several, in several files: then the kernel is looked up once for
/// each.
private func address(of name: StaticString) -> Int { Int(bitPattern: name.utf8Start) }
