// C[M,N] = A[M,K] B on a CPU, with B as [K,N] or [N,K]; row-major. matmul_pack packs B in the order
// in which matmul_panels reads it. Compiled after matmul_common.cl and tile_cpu.cl.

#define BLOCK_K 256  // steps of K of a panel that stay in the L1 cache

// packed [batch][panels][K][PANEL] = columns of B in panels, zero after the last column.
// b [K,N] with rows ldb apart, or [N,K] if transposed. Grid: (panels, blocks of 64 of K, batch).
ONE_ITEM __kernel void matmul_pack(
    __global const float *b, __global float *packed, const int n, const int k, const int ldb,
    const int transposed, const long batch_stride)
{
  const int panel = get_group_id(0);
  const int start = (int)get_group_id(1) * 64;
  const int end = min(k, start + 64);
  const int batch = get_group_id(2);
  const int width = min(PANEL, n - panel * PANEL);
  const size_t panels = get_num_groups(0);
  const __global float *source = b + batch * batch_stride;
  __global float *target = packed + (batch * panels + panel) * k * PANEL;
  source += (size_t)panel * PANEL * (transposed ? ldb : 1);
  if (transposed) {
    for (int j = 0; j < width; ++j)
      for (int p = start; p < end; ++p) target[p * PANEL + j] = source[(size_t)j * ldb + p];
    for (int j = width; j < PANEL; ++j)
      for (int p = start; p < end; ++p) target[p * PANEL + j] = 0.0f;
  } else {
    for (int p = start; p < end; ++p)
      for (int v = 0; v < TILE_VECTORS; ++v)
        storev(target + p * PANEL + v * VECTOR_WIDTH,
               load_lanes(source + (size_t)p * ldb + v * VECTOR_WIDTH, width - v * VECTOR_WIDTH));
  }
}

// c[M,N] = epilogue(a[M,K] B + bias) from packed panels of B; see matmul_common.cl.
//
// A work-group computes `rows` rows of `panels_per_group` panels. While a panel's block of K is in
// the L1 cache, the rows of A come from the L2 cache. Rows after the last one repeat it and are not
// stored. Grid: (M / rows, panels / panels_per_group, batch).
ONE_ITEM __kernel void matmul_panels(
    __global const float *a, __global const float *packed, __global float *c,
    __global const float *base, const int has_base, __global const float *bias,
    const int has_bias, __global float *kept, const int epilogue, const int m, const int n,
    const int k, const int lda, const int ldc, const long a_stride, const long packed_stride,
    const long c_stride, const int rows, const int panels_per_group)
{
  const int batch = get_group_id(2);
  const int first_row = (int)get_group_id(0) * rows;
  const int end_row = min(m, first_row + rows);
  const int first_panel = (int)get_group_id(1) * panels_per_group;
  const int end_panel = min((n + PANEL - 1) / PANEL, first_panel + panels_per_group);
  a += batch * a_stride;
  packed += batch * packed_stride;
  const size_t c_start = batch * c_stride;
  for (int start = 0; start == 0 || start < k; start += BLOCK_K) {
    const int depth = min(BLOCK_K, k - start);
    const int last = start + depth == k;
    const int is_gelu = last && (epilogue == EPILOGUE_GELU || epilogue == EPILOGUE_GELU_KEEP);
    const __global float *addend = start > 0 ? c : (has_base ? base : 0);
    for (int panel = first_panel; panel < end_panel; ++panel) {
      const __global float *b_panel = packed + ((size_t)panel * k + start) * PANEL;
      const int column = panel * PANEL;
      const int width = min(PANEL, n - column);
      vf first_sums[TILE_VECTORS];
      for (int v = 0; v < TILE_VECTORS; ++v) {
        const int lanes = width - v * VECTOR_WIDTH;
        first_sums[v] = (has_bias && start == 0)
                            ? load_lanes(bias + column + v * VECTOR_WIDTH, lanes) : (vf)(0.0f);
      }
      for (int row = first_row; row < end_row; row += TILE_ROWS) {
        const __global float *a_rows[TILE_ROWS];
        EACH_BELOW(r, TILE_ROWS)
          a_rows[r] = a + (size_t)min(row + r, end_row - 1) * lda + start;
        if (panel == first_panel)
          for (int r = row + TILE_ROWS; r < min(row + 2 * TILE_ROWS, end_row); ++r)
            for (int p = 0; p < depth; p += 16) PREFETCH_LINE(a + (size_t)r * lda + start + p);
        vf sums[TILE_ROWS][TILE_VECTORS];
        EACH_SUM(r, v) sums[r][v] = first_sums[v];
#define A_ROW(r) a_rows[r]
        MULTIPLY_TILE(sums, A_ROW, 1, AS_VECTORS(b_panel), depth)
        const size_t corner = c_start + (size_t)row * ldc + column;
        const int is_whole = width == PANEL && row + TILE_ROWS <= end_row;
#define AT(r, v) (corner + (size_t)(r) * ldc + (v) * VECTOR_WIDTH)
        if (is_whole && !is_gelu) {
          if (epilogue == EPILOGUE_GELU_GRADIENT)
            EACH_SUM(r, v) sums[r][v] *= loadv(kept + AT(r, v));
          if (epilogue == EPILOGUE_RELU_GRADIENT)
            EACH_SUM(r, v) sums[r][v] = loadv(kept + AT(r, v)) > 0.0f ? sums[r][v] : (vf)(0.0f);
          if (addend) EACH_SUM(r, v) sums[r][v] += loadv(addend + AT(r, v));
          if (last && epilogue == EPILOGUE_RELU)
            EACH_SUM(r, v) sums[r][v] = sums[r][v] > 0.0f ? sums[r][v] : (vf)(0.0f);
          EACH_SUM(r, v) storev(c + AT(r, v), sums[r][v]);
          continue;
        }
        vf tile[TILE_ROWS * TILE_VECTORS];
        EACH_SUM(r, v) tile[r * TILE_VECTORS + v] = sums[r][v];
        if (is_whole && !addend) {
          for (int r = 0; r < TILE_ROWS; ++r) {
            vf *x = tile + r * TILE_VECTORS, slopes[TILE_VECTORS];
            gelu_together(x, slopes, TILE_VECTORS);
            EACH_BELOW(v, TILE_VECTORS) storev(c + AT(r, v), x[v]);
            if (epilogue == EPILOGUE_GELU_KEEP)
              EACH_BELOW(v, TILE_VECTORS) storev(kept + AT(r, v), slopes[v]);
          }
          continue;
        }
        for (int r = 0; r < min(TILE_ROWS, end_row - row); ++r)
          for (int v = 0; v * VECTOR_WIDTH < width; ++v) {
            const size_t at = corner + (size_t)r * ldc + v * VECTOR_WIDTH;
            finish_sum(tile[r * TILE_VECTORS + v], epilogue, last, addend ? addend + at : 0,
                       kept + at, c + at, width - v * VECTOR_WIDTH);
          }
      }
    }
  }
}
