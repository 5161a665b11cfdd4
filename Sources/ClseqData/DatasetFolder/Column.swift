import ClseqBase

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// A sequence of numbers: in memory, in a mapped file, or as a view of another column.
public struct Column<Element: BitwiseCopyable & Sendable>: RandomAccessCollection, Sendable {
  private enum Storage: Sendable {
    case array([Element])
    case mapping(MappedFile)
    case view(any ColumnView<Element>)
  }

  private let storage: Storage
  /// The number of elements.
  public let count: Int

  /// A column in memory.
  public init(_ elements: [Element]) {
    storage = .array(elements)
    count = elements.count
  }

  /// A view of other columns.
  init(_ view: some ColumnView<Element>, count: Int) {
    storage = .view(view)
    self.count = count
  }

  /// The elements of a file, little-endian and without a header.
  ///
  /// - Throws: `DataError.damaged` if the size is not a whole number of elements.
  init(mapping file: MappedFile) throws(DataError) {
    let (count, rest) = file.bytes.count.quotientAndRemainder(
      dividingBy: MemoryLayout<Element>.stride)
    guard rest == 0 else {
      throw .damaged(
        path: file.path,
        reason: "its size is not a multiple of \(MemoryLayout<Element>.stride) bytes")
    }
    storage = .mapping(file)
    self.count = count
  }

  /// Always 0.
  public var startIndex: Int { 0 }

  /// The number of elements.
  public var endIndex: Int { count }

  /// One element.
  public subscript(index: Int) -> Element {
    switch storage {
    case .array(let array): return array[index]
    case .mapping(let file):
      precondition(index >= 0 && index < count, "index \(index) of a column of \(count)")
      return file.bytes.loadUnaligned(
        fromByteOffset: index * MemoryLayout<Element>.stride, as: Element.self)
    case .view(let view):
      precondition(index >= 0 && index < count, "index \(index) of a column of \(count)")
      return view.element(index)
    }
  }

  /// Calls a function with all elements.
  public func withContiguousStorageIfAvailable<R>(
    _ body: (UnsafeBufferPointer<Element>) throws -> R
  ) rethrows -> R? {
    switch storage {
    case .array(let array): try array.withContiguousStorageIfAvailable(body)
    case .mapping(let file): try body(file.bytes.bindMemory(to: Element.self))
    case .view: nil
    }
  }
}

extension Column {
  /// Calls a function with the elements of a range, without bounds checks per element.
  func forEach(in range: Range<Int>, _ body: (Element) -> Void) {
    precondition(range.lowerBound >= 0 && range.upperBound <= count, "\(range) of \(count)")
    let isDone: Void? = withContiguousStorageIfAvailable { elements in
      for index in range { body(elements[index]) }
    }
    if isDone == nil { for index in range { body(self[index]) } }
  }
}

/// A file mapped for reading while a reference exists.
final class MappedFile: Sendable {
  let path: String
  /// The file's bytes. Nothing writes to them.
  nonisolated(unsafe) let bytes: UnsafeRawBufferPointer

  /// - Throws: `DataError.missingFile`, `.unreadable`.
  init(path: String) throws(DataError) {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    if descriptor < 0 {
      throw errno == ENOENT
        ? .missingFile(path: path) : .unreadable(path: path, reason: systemErrorText())
    }
    defer { close(descriptor) }
    var status = stat()
    guard fstat(descriptor, &status) == 0 else {
      throw .unreadable(path: path, reason: systemErrorText())
    }
    self.path = path
    let count = Int(status.st_size)
    if count == 0 {
      bytes = UnsafeRawBufferPointer(start: nil, count: 0)
      return
    }
    let start = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0)
    guard let start, start != MAP_FAILED else {
      throw .unreadable(path: path, reason: systemErrorText())
    }
    bytes = UnsafeRawBufferPointer(start: start, count: count)
  }

  deinit {
    if let start = bytes.baseAddress {
      munmap(UnsafeMutableRawPointer(mutating: start), bytes.count)
    }
  }

  /// The hash of all bytes.
  var hash: ContentHash {
    var hash = ContentHash()
    hash.update(bytes)
    return hash
  }
}

extension Column: Equatable where Element: Equatable {
  /// Whether both have equal elements, wherever they are stored.
  public static func == (left: Column, right: Column) -> Bool { left.elementsEqual(right) }
}
