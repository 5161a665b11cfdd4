// Shared by the loss and the ranking on a CPU: scores of a few rows of x for one panel of items.
// Compiled before linear_cross_entropy_cpu.cl, sampled_loss_shared_cpu.cl and ranking_cpu.cl.

#ifndef PANEL
#define PANEL (3 * VECTOR_WIDTH)  // items per register tile
#endif
#define TILE_ROWS (VECTOR_WIDTH / 2)  // 4 x 3 vectors: 12 of 16 registers; 8 x 3: 24 of 32
#define ONE_ITEM __attribute__((reqd_work_group_size(1, 1, 1)))

// tile [TILE_ROWS][3] += rows . columns [width][PANEL], in the order of d.
ALWAYS_INLINE void add_scores(const __global float *const *rows, const __global float *columns,
                              int width, vf *tile)
{
  vf acc[TILE_ROWS][3];
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
    for (int j = 0; j < 3; j++) acc[i][j] = tile[i * 3 + j];
#pragma unroll 4
  for (int d = 0; d < width; d++, columns += PANEL) {
    const vf b0 = loadv(columns);
    const vf b1 = loadv(columns + VECTOR_WIDTH);
    const vf b2 = loadv(columns + 2 * VECTOR_WIDTH);
#pragma unroll
    for (int i = 0; i < TILE_ROWS; i++) {
      const vf a = (vf)(rows[i][d]);
      acc[i][0] = fma(a, b0, acc[i][0]);
      acc[i][1] = fma(a, b1, acc[i][1]);
      acc[i][2] = fma(a, b2, acc[i][2]);
    }
  }
#pragma unroll
  for (int i = 0; i < TILE_ROWS; i++)
#pragma unroll
    for (int j = 0; j < 3; j++) tile[i * 3 + j] = acc[i][j];
}
