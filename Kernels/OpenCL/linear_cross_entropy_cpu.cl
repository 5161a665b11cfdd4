// Fused linear + softmax cross-entropy, CPU tuning: packing, scores and loss. Compiled after
// tile_cpu.cl, softmax_shift_cpu.cl and input_gradient_cpu.cl.
//
//   loss = scale * sum_n [ log sum_v exp(x_n . e_v) - x_n . e_target(n) ]
//   dx_n = scale * sum_v (p_nv - [v = target(n)]) e_v
//   de_v = scale * sum_n (p_nv - [v = target(n)]) x_n
//
// Both gradients are taken in the forward pass, a chunk of events at a time, while the chunk's
// probabilities are in cache (as in Liger-Kernel, Hsu et al. 2024): dx with the scores, then
// linear_cross_entropy_table_gradient, on an in-order queue.
//
//   x [N, D]; table [rows, D], its rows first ... first + V - 1 are the classes e_0 ... e_V-1
//   panels [P][D][PANEL]          the classes transposed, times log2 e, so that powers are of two;
//                                 P = ceil(V / PANEL), padded with zeros
//   strips [S][P * PANEL][STRIP]  the classes, STRIP channels at a time; S = ceil(D / STRIP),
//                                 padded with zeros
//   weights [P][capacity][PANEL]  2^(score - shift) of the chunk; the label's minus the row sum
//   scaled [S][capacity][STRIP]   x * factor of the chunk, factor = scale / row sum
//
// Weights stay unnormalised: dx is multiplied by the factor of its row at the end, and x
// beforehand, in `scaled`, for de. Subtracting the row sum from the label's weight subtracts the
// one-hot label from both gradients. The shift of a row starts as the score of its target;
// softmax_shift_cpu.cl says when it is raised. An event whose target is not a class adds nothing to
// the loss and to the gradients.

#ifndef BLOCK_ROWS
#define BLOCK_ROWS 48  // events per work-item; a panel is loaded from L3 once for all of them
#endif

// Packs panels and strips. One work-group per panel of classes.
ONE_ITEM __kernel void linear_cross_entropy_pack(const __global table_float *restrict table,
                                                 __global float *restrict panels,
                                                 __global float *restrict strips, int first,
                                                 int classes, int width)
{
  const int panel = get_group_id(0);
  const int padded = get_num_groups(0) * PANEL;
  __global float *columns = panels + (size_t)panel * width * PANEL;
  for (int c = 0; c < PANEL; c++) {
    const int v = panel * PANEL + c;
    const bool exists = v < classes;
    const __global table_float *row = table + (size_t)(first + (exists ? v : 0)) * width;
    for (int d = 0; d < width; d++) columns[d * PANEL + c] = exists ? load_table(row + d) * LOG2_E : 0.0f;
    for (int d = 0; d < width; d += STRIP) {
      __global float *strip = strips + ((size_t)(d / STRIP) * padded + v) * STRIP;
      for (int i = 0; i < STRIP; i++) strip[i] = exists && d + i < width ? load_table(row + d + i) : 0.0f;
    }
  }
}

// Losses of `count` events from `start` on and, if `has_gradients`, dx, weights and scaled of the
// chunk. One work-group owns BLOCK_ROWS events and visits all panels.
ONE_ITEM __kernel void linear_cross_entropy_score(
    const __global float *restrict x, const __global table_float *restrict table,
    const __global int *restrict targets, const __global float *restrict panels,
    const __global float *restrict strips, __global float *restrict weights,
    __global float *restrict scaled, __global float *restrict dx, __global float *restrict losses,
    int start, int count, int capacity, int first, int classes, int width, float scale,
    int has_gradients)
{
  const int block = get_group_id(0) * BLOCK_ROWS;
  const int rows = min(BLOCK_ROWS, count - block);
  const int panelCount = (classes + PANEL - 1) / PANEL;
  const size_t panel_size = has_gradients ? (size_t)capacity * PANEL : 0;
  x += (size_t)(start + block) * width;
  dx += (size_t)(start + block) * width;
  targets += start + block;
  weights += (size_t)block * PANEL;
  float shifts[BLOCK_ROWS], targetScores[BLOCK_ROWS];
  vf sums[BLOCK_ROWS];
  for (int r = 0; r < BLOCK_ROWS; r++) {
    const int n = min(r, rows - 1);
    const int label = targets[n] - first;
    float score = 0.0f;
    for (int d = 0; d < width && label >= 0 && label < classes; d++)
      score = fma(x[(size_t)n * width + d],
                  load_table(table + (size_t)(first + label) * width + d), score);
    shifts[r] = targetScores[r] = score * LOG2_E;
    sums[r] = (vf)(0.0f);
  }
  for (int panel = 0; panel < panelCount; panel++) {
    // Padding columns start at minus infinity, so that their weight is 0.
    vf_lanes padding[TILE_VECTORS];
    for (int c = 0; c < PANEL; c++)
      padding[c / VECTOR_WIDTH].lanes[c % VECTOR_WIDTH] =
          panel * PANEL + c < classes ? 0.0f : -INFINITY;
    for (int r = 0; r < rows; r += TILE_ROWS) {
      const __global float *inputs[TILE_ROWS];
      for (int i = 0; i < TILE_ROWS; i++) inputs[i] = x + (size_t)min(r + i, rows - 1) * width;
      vf tile[TILE_ROWS][TILE_VECTORS], maximum = (vf)(-INFINITY);
      EACH_SUM(i, v) tile[i][v] = padding[v].vector - shifts[r + i];
#define INPUT_ROW(i) inputs[i]
      MULTIPLY_TILE(tile, INPUT_ROW, 1, AS_VECTORS(panels + (size_t)panel * width * PANEL), width)
      EACH_SUM(i, v) maximum = maximum < tile[i][v] ? tile[i][v] : maximum;
      if (maxv(maximum) > RAISE_ABOVE) {
        // A copy, because an array whose address is passed on would stay in memory.
        vf scores[TILE_ROWS][TILE_VECTORS];
        EACH_SUM(i, v) scores[i][v] = tile[i][v];
        for (int i = 0; i < min(TILE_ROWS, rows - r); i++)
          raise_shift(scores[i], shifts + r + i, sums + r + i, weights + (size_t)(r + i) * PANEL,
                      has_gradients ? panel : 0, panel_size, dx + (size_t)(r + i) * width, width);
        EACH_SUM(i, v) tile[i][v] = scores[i][v];
      }
      __global float *out = weights + panel * panel_size + r * PANEL;
      EACH_SUM(i, v) tile[i][v] = tile[i][v] < NEGLIGIBLE ? (vf)(NEGLIGIBLE) : tile[i][v];
      EACH_BELOW(i, TILE_ROWS) exp2_together(tile[i], TILE_VECTORS);
      EACH_BELOW(i, TILE_ROWS) sums[r + i] += sum_vectors(tile[i]);
      if (has_gradients) EACH_SUM(i, v) storev(out + i * PANEL + v * VECTOR_WIDTH, tile[i][v]);
    }
    if (has_gradients)
      add_panel_gradient(weights, panel, panelCount, panel_size, strips, rows, dx, width);
  }
  for (int r = 0; r < rows; r++) {
    const int label = targets[r] - first;
    const bool valid = label >= 0 && label < classes;
    const float sum = sumv(sums[r]);
    losses[start + block + r] = valid ? log(sum) + (shifts[r] - targetScores[r]) / LOG2_E : 0.0f;
    if (!has_gradients) continue;
    const float factor = valid ? scale / sum : 0.0f;
    if (valid) weights[(label / PANEL) * panel_size + r * PANEL + label % PANEL] -= sum;
    const __global table_float *own = table + (size_t)(first + (valid ? label : 0)) * width;
    for (int d = 0; d < width; d++)
      dx[(size_t)r * width + d] = fma(-sum, load_table(own + d), dx[(size_t)r * width + d]) * factor;
    for (int d = 0; d < width; d += STRIP) {
      __global float *strip = scaled + ((size_t)(d / STRIP) * capacity + block + r) * STRIP;
      for (int i = 0; i < STRIP; i++)
        strip[i] = d + i < width ? x[(size_t)r * width + d + i] * factor : 0.0f;
    }
  }
}
