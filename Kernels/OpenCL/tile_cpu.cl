// The tile of all products on a CPU: rows of A times one packed panel of B, summed in registers. Compiled
// before every source that multiplies; tile_gpu.cl is its relative for a GPU.
//
// Per step of the sum one row of the panel is loaded, and each row's element of A is broadcast to a
// vector. Each sum is taken in the order of the steps. Arrays that hold a tile are indexed by unrolled
// constants only, so that they are registers. Names of the macros' own variables begin with t_, because
// arguments are expressions of the caller.

// The tile of matrices. The host sets both for another shape of so many sums.
#ifndef TILE_ROWS
#define TILE_ROWS 6
#if VECTOR_WIDTH == 16
#define TILE_VECTORS 4  // 24 sums, 4 of B and 1 of A of the 32 registers of AVX-512
#else
#define TILE_VECTORS 2  // 12 sums, 2 of B and 1 of A of the 16 registers of AVX2
#endif
#endif
#define PANEL (TILE_VECTORS * VECTOR_WIDTH)
#define ONE_ITEM __attribute__((reqd_work_group_size(1, 1, 1)))

// Loops over the sums of a tile.
#define EACH_SUM_OF(ROWS, VECTORS, r, v) EACH_BELOW(r, ROWS) EACH_BELOW(v, VECTORS)
#define EACH_SUM(r, v) EACH_SUM_OF(TILE_ROWS, TILE_VECTORS, r, v)

// sums [ROWS][VECTORS] += the product over `depth` steps. Row r of A starts at ROW(r), its steps are
// STEP floats apart. panel: vectors, VECTORS per step.
#define MULTIPLY_TILE_OF(ROWS, VECTORS, sums, ROW, STEP, panel, depth)                     \
  _Pragma("unroll 4") for (int t_step = 0; t_step < (depth); ++t_step) {                  \
    vf t_b[VECTORS];                                                                      \
    EACH_BELOW(t_v, VECTORS) t_b[t_v] = (panel)[t_step * (VECTORS) + t_v];                \
    EACH_BELOW(t_row, ROWS) {                                                             \
      const vf t_a = (vf)((ROW(t_row))[t_step * (STEP)]);                                 \
      EACH_BELOW(t_v, VECTORS) sums[t_row][t_v] = fma(t_a, t_b[t_v], sums[t_row][t_v]);   \
    }                                                                                     \
  }
#define MULTIPLY_TILE(sums, ROW, STEP, panel, depth) \
  MULTIPLY_TILE_OF(TILE_ROWS, TILE_VECTORS, sums, ROW, STEP, panel, depth)

// A tile over one strip of a matrix, for the gradients of the losses: STRIP_ROWS rows of weights, whose
// transpose has the sums of 12 or 24 registers. strip: rows of STRIP floats.
#define STRIP_ROWS (VECTOR_WIDTH / 4 * 3)
#define STRIP_VECTORS 2
#define STRIP (STRIP_VECTORS * VECTOR_WIDTH)
#define MULTIPLY_STRIP(sums, ROW, STEP, strip, depth) \
  MULTIPLY_TILE_OF(STRIP_ROWS, STRIP_VECTORS, sums, ROW, STEP, strip, depth)

// A panel or strip in global memory, for the products.
#define AS_VECTORS(pointer) ((const __global vf_unaligned *)(pointer))

// The sum of a row's vectors.
ALWAYS_INLINE vf sum_vectors(const vf *row)
{
  vf sum = row[0];
  EACH_BELOW(v, TILE_VECTORS - 1) sum += row[v + 1];
  return sum;
}

// Runs FINISH(r, v, sum, lanes) for each sum in the first `rows` rows and `width` columns of a tile.
// `lanes` is the number of columns from the sum's first one on; VECTOR_WIDTH, a constant, in a whole tile.
#define FINISH_TILE(sums, rows, width, FINISH)                                            \
  if ((rows) >= TILE_ROWS && (width) >= PANEL) {                                          \
    EACH_SUM(t_row, t_v) FINISH(t_row, t_v, sums[t_row][t_v], VECTOR_WIDTH)               \
  } else {                                                                                \
    vf t_sums[TILE_ROWS][TILE_VECTORS];                                                   \
    EACH_SUM(t_row, t_v) t_sums[t_row][t_v] = sums[t_row][t_v];                           \
    for (int t_row = 0; t_row < min(TILE_ROWS, rows); ++t_row)                            \
      for (int t_v = 0; t_v * VECTOR_WIDTH < min(PANEL, width); ++t_v)                           \
        FINISH(t_row, t_v, t_sums[t_row][t_v], (width) - t_v * VECTOR_WIDTH)              \
  }
