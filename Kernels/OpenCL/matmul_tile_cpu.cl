// Shared by the products on a CPU: a tile of C held in registers. Compiled after matmul_common.cl
// and before the products of matrices, recurrences and target attention.
//
// A work-item computes tiles of TILE_ROWS x TILE_VECTORS vectors: per step of K one row of a panel
// of B is loaded, and each row's element of A is broadcast to a vector. Arrays that hold a tile are
// indexed by unrolled constants only, so that they are registers.

// The host may set both for another shape of so many sums, or for matrices smaller than the tile.
#ifndef TILE_ROWS
#define TILE_ROWS 6
#if VECTOR_WIDTH == 16
#define TILE_VECTORS 4  // 24 sums, 4 of B and 1 of A of the 32 registers of AVX-512
#else
#define TILE_VECTORS 2  // 12 sums, 2 of B and 1 of A of the 16 registers of AVX2
#endif
#endif
#define PANEL (TILE_VECTORS * VECTOR_WIDTH)

// sums += the product over `depth` steps. Row r of A starts at ROW(r), its steps are STEP floats
// apart; the panel's steps are PANEL floats apart.
#define MULTIPLY_TILE(sums, panel, depth, ROW, STEP)                                      \
  _Pragma("unroll 4") for (int p = 0; p < (depth); ++p) {                                 \
    vf b[TILE_VECTORS];                                                                   \
    _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; ++v)                              \
      b[v] = (panel)[p * TILE_VECTORS + v];                                               \
    _Pragma("unroll") for (int r = 0; r < TILE_ROWS; ++r) {                               \
      const vf a_spread = (vf)((ROW(r))[p * (STEP)]);                                     \
      _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; ++v)                            \
        sums[r][v] = fma(a_spread, b[v], sums[r][v]);                                     \
    }                                                                                     \
  }

#define EACH_SUM(r, v)                                                                    \
  _Pragma("unroll") for (int r = 0; r < TILE_ROWS; ++r)                                   \
    _Pragma("unroll") for (int v = 0; v < TILE_VECTORS; ++v)
