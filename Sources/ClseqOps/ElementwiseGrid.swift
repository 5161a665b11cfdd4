import ClseqRuntime

extension Tuning {
  /// The grid of kernels over `count` single values (`CHUNK` and `ITEMS` in their sources).
  func elementGrid(_ count: Int) -> Grid {
    switch self {
    case .cpu: Grid(groups: (count + 4095) / 4096)
    case .gpu: Grid(groups: (count + 1023) / 1024, size: 256)
    }
  }

  /// The grid of kernels over the rows of `[n, d]` (`CHUNK_ROWS` and `ITEMS` in their sources).
  func rowGrid(_ n: Int) -> Grid {
    switch self {
    case .cpu: Grid(groups: (n + 63) / 64)
    case .gpu: Grid(groups: (n + 15) / 16, size: 256)
    }
  }
}
