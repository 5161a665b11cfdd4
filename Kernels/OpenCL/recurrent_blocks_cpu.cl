// The work of a recurrence on a CPU: which sequences a work-item owns, and the product of their rows and a
// weight. Compiled after tile_cpu.cl and before recurrent_cpu.cl.
//
// A work-item owns BLOCK_ROWS sequences of similar length and computes all their steps, their
// states in its caches. All sums over k are taken in the order of k, whichever row of a tile a
// sequence has, so the other sequences of a batch never change its numbers.

#define BLOCK_TILES 2  // tiles of rows per work-item; a panel is loaded from L2 once for both
#define BLOCK_ROWS (BLOCK_TILES * TILE_ROWS)

typedef struct {
  int sequence[BLOCK_ROWS];
  int first[BLOCK_ROWS];   // row of the sequence's first event
  int length[BLOCK_ROWS];  // descending; 0 after the last sequence
} block_rows;

static inline void load_rows(block_rows *rows, int block, const __global int *offsets,
                             const __global int *order, int sequences)
{
  for (int r = 0; r < BLOCK_ROWS; ++r) {
    const int rank = block * BLOCK_ROWS + r;
    const int b = order[min(rank, sequences - 1)];
    rows->sequence[r] = b;
    rows->first[r] = offsets[b];
    rows->length[r] = rank < sequences ? offsets[b + 1] - offsets[b] : 0;
  }
}

// The number of rows whose sequence is longer than `time`; they are the first ones.
static inline int rows_beyond(const block_rows *rows, int time)
{
  int count = 0;
  while (count < BLOCK_ROWS && rows->length[count] > time) ++count;
  return count;
}

// Blocks of the longest sequences are handed out first, to whichever work-group is free, so that
// the cores finish together.
#define EACH_BLOCK(block, taken, sequences)                                                \
  for (int block = atomic_inc(taken); block < ((sequences) + BLOCK_ROWS - 1) / BLOCK_ROWS; \
       block = atomic_inc(taken))

// Prefetches a row that the cell reads after the product.
ALWAYS_INLINE void prefetch_row(const __global float *row, const int width)
{
  for (int j = 0; j < width; j += 16) PREFETCH_LINE(row + j);
}

// out[r] [n] = start + a[r] [k] B for `count` rows; B is in panels, as matmul_pack writes it. start
// is the bias, or out[r] itself if `accumulate`, or 0.
static void multiply_rows(const __global float *const *a, const int count,
                          const __global float *packed, const int k, const int n,
                          const __global float *bias, const int accumulate,
                          __global float *const *out)
{
  for (int column = 0; column < n; column += PANEL) {
    const __global float *panel = packed + (size_t)column * k;
    const int width = min(PANEL, n - column);
    vf first_sums[TILE_VECTORS];
    for (int v = 0; v < TILE_VECTORS; ++v)
      first_sums[v] = bias ? load_lanes(bias + column + v * VECTOR_WIDTH,
                                        width - v * VECTOR_WIDTH) : (vf)(0.0f);
    for (int row = 0; row < count; row += TILE_ROWS) {
      const __global float *a_rows[TILE_ROWS];
      EACH_BELOW(r, TILE_ROWS) a_rows[r] = a[min(row + r, count - 1)];
      vf sums[TILE_ROWS][TILE_VECTORS];
      EACH_SUM(r, v) sums[r][v] = first_sums[v];
#define A_ROW(r) a_rows[r]
      MULTIPLY_TILE(sums, A_ROW, 1, AS_VECTORS(panel), k)
#define ADD_TO_ROW(r, v, sum, lanes)                                                       \
  {                                                                                        \
    __global float *c = out[row + (r)] + column + (v) * VECTOR_WIDTH;                      \
    store_lanes(c, accumulate ? sum + load_lanes(c, lanes) : sum, lanes);                  \
  }
      FINISH_TILE(sums, count - row, width, ADD_TO_ROW)
    }
  }
}

// Runs `BODY(j, lanes)` over the vectors of `width` floats; for whole vectors `lanes` is a
// constant.
#define EACH_VECTOR(width, BODY)                                                           \
  {                                                                                        \
    int j = 0;                                                                             \
    for (; j + VECTOR_WIDTH <= (width); j += VECTOR_WIDTH) BODY(j, VECTOR_WIDTH)           \
    if (j < (width)) BODY(j, ((width) - j))                                                \
  }
