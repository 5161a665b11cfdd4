// The scores of target attention on a CPU (target_attention.cl has the formula), TILE_ROWS pairs of a
// candidate at a time. Compiled after sigmoid.cl and tile_cpu.cl.

#define VECTORS ((WIDTH + VECTOR_WIDTH - 1) / VECTOR_WIDTH)

// A row's vectors, unrolled, so that a tail has a constant length.
#define EACH_VECTOR(c, width) _Pragma("unroll") for (int c = 0; c < (width); c += VECTOR_WIDTH)

// s, and if `keeps` x and h, of `rest` pairs. Pointers are to the rows of the candidate, in k and
// key_part of the first pair's event, and in x, hidden and s of the first pair.
// packed: P^T in panels.
static inline void tile_scores(const __global float *q, const __global float *k,
                               const __global float *query_part, const __global float *key_part,
                               const __global float *packed, const __global float *output,
                               __global float *x, __global float *hidden, __global float *s,
                               const int keeps, const int rest)
{
  vf rows[TILE_ROWS][VECTORS], totals[TILE_ROWS];
  for (int r = 0; r < TILE_ROWS; ++r) {
    totals[r] = (vf)(0.0f);
    EACH_VECTOR(c, WIDTH) {
      const vf product = load_row(q, 0, WIDTH, c) * load_row(k, min(r, rest - 1), WIDTH, c);
      rows[r][c / VECTOR_WIDTH] = product;
      if (keeps && r < rest) store_row(x, r, WIDTH, c, product);
    }
  }
  for (int panel = 0; panel < HIDDEN; panel += PANEL) {
    vf sums[TILE_ROWS][TILE_VECTORS], tile[TILE_ROWS][TILE_VECTORS];
    EACH_SUM(r, v) sums[r][v] = (vf)(0.0f);
#define X_ROW(r) ((const float *)rows[r])
    MULTIPLY_TILE(sums, X_ROW, 1, AS_VECTORS(packed + panel * WIDTH), WIDTH)
    EACH_SUM(r, v) tile[r][v] = sums[r][v];
    for (int r = 0; r < rest; ++r) {
      EACH_BELOW(v, TILE_VECTORS)
        tile[r][v] += load_row(query_part, 0, HIDDEN, panel + v * VECTOR_WIDTH)
                      + load_row(key_part, r, HIDDEN, panel + v * VECTOR_WIDTH);
      sigmoid_together(tile[r], TILE_VECTORS);
      EACH_BELOW(v, TILE_VECTORS) {
        const int e = panel + v * VECTOR_WIDTH;
        totals[r] = fma(load_row(output, 0, HIDDEN, e), tile[r][v], totals[r]);
        if (keeps) store_row(hidden, r, HIDDEN, e, tile[r][v]);
      }
    }
  }
  for (int r = 0; r < rest; ++r) s[r] = sumv(totals[r]);
}
