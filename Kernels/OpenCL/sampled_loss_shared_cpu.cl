// Sampled losses whose negatives are shared by all events, CPU tuning: scores, loss and weights of
// a chunk. Compiled after tile_cpu.cl, softmax_shift_cpu.cl, input_gradient_cpu.cl and
// sampled_loss_terms.cl.
//
//   u_nj = log2 e (x_n . e_row(j) - c_j),  u_n = log2 e (x_n . e_target(n) - c_target(n))
//   losses_n, weights_nj, factor_n: as defined in sampled_loss_terms.cl
//
// A negative that is the event's own target does not count for the event. The layouts and the other
// kernels of the pass are those of linear_cross_entropy_cpu.cl, with the K gathered rows in place
// of the classes: panels and strips are packed there, the table's gradient follows in
// linear_cross_entropy_table_gradient.
//
//   rows [K]: the negatives' rows of the table, ascending and distinct
//   log_counts [K], target_log_counts [N]: c, read only if `corrected`
//   target_gradients [N]: of the targets' scores, for sampled_loss_rows.cl
//
// A softmax sums and stores 2^(u_nj - shift) as the full one does. The other kinds never raise the
// shift: u has no bound, but softplus is computed without overflow.

#ifndef BLOCK_ROWS
#define BLOCK_ROWS 48  // events per work-item
#endif

// Added to the scores of the panel's columns: minus c; padding columns start at minus infinity, so
// that their weight is 0.
static inline void column_biases(vf_lanes *biases, const __global float *log_counts, int corrected,
                                 int begin, int negatives)
{
  for (int c = 0; c < PANEL; c++) {
    const int column = begin + c;
    float bias = column < negatives ? 0.0f : -INFINITY;
    if (corrected && column < negatives) bias = -LOG2_E * log_counts[column];
    biases[c / VECTOR_WIDTH].lanes[c % VECTOR_WIDTH] = bias;
  }
}

// Scores become weights; sums grow by weights, losses by terms of the loss.
ALWAYS_INLINE void weigh_tile(vf tile[TILE_ROWS][TILE_VECTORS], vf *sums, vf *losses)
{
  EACH_BELOW(i, TILE_ROWS) {
#if KIND == SOFTMAX
    power_together(tile[i], TILE_VECTORS);
#else
    vf slopes[TILE_VECTORS];
    softplus_together(tile[i], slopes, TILE_VECTORS);
    EACH_BELOW(v, TILE_VECTORS) {
      losses[i] += tile[i][v];
      tile[i][v] = slopes[v];
    }
#endif
    sums[i] += sum_vectors(tile[i]);
  }
}

// `count` events from `start` on. One work-group owns BLOCK_ROWS events and visits all panels.
ONE_ITEM __kernel void sampled_loss_shared_score(
    const __global float *restrict x, const __global table_float *restrict table,
    const __global int *restrict targets, const __global int *restrict rows,
    const __global float *restrict panels, const __global float *restrict strips,
    const __global float *restrict log_counts,
    const __global float *restrict target_log_counts, int corrected,
    __global float *restrict weights, __global float *restrict scaled,
    __global float *restrict dx, __global float *restrict target_gradients,
    __global float *restrict event_losses, int start, int count, int capacity, int negatives,
    int first, int classes, int width, float scale, float beta, int has_gradients)
{
  const int block = get_group_id(0) * BLOCK_ROWS;
  const int block_rows = min(BLOCK_ROWS, count - block);
  const int panelCount = (negatives + PANEL - 1) / PANEL;
  const size_t panel_size = has_gradients ? (size_t)capacity * PANEL : 0;
  const int16 counting = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const vi lanes = *(const vi *)&counting;  // the first VECTOR_WIDTH of them
  float own[BLOCK_ROWS], shifts[BLOCK_ROWS];
  int places[BLOCK_ROWS];
  vf sums[BLOCK_ROWS], losses[BLOCK_ROWS];
  weights += (size_t)block * PANEL;
  dx += (size_t)(start + block) * width;
  for (int r = 0; r < BLOCK_ROWS; r++) {
    const int n = start + min(block + r, count - 1);
    const int target = targets[n];
    float score = 0.0f;
    if (target >= first && target < first + classes) {
      score = dot_rows(x + (size_t)n * width, table + (size_t)target * width, width);
      if (corrected) score -= target_log_counts[n];
    }
    own[r] = score * LOG2_E;
    shifts[r] = KIND == BINARY ? 0.0f : own[r];
    places[r] = find_row(rows, negatives, target);
    sums[r] = losses[r] = (vf)(0.0f);
  }
  for (int panel = 0; panel < panelCount; panel++) {
    vf_lanes biases[TILE_VECTORS];
    column_biases(biases, log_counts, corrected, panel * PANEL, negatives);
    for (int r = 0; r < block_rows; r += TILE_ROWS) {
      const __global float *inputs[TILE_ROWS];
      for (int i = 0; i < TILE_ROWS; i++)
        inputs[i] = x + (size_t)(start + min(block + r + i, count - 1)) * width;
      vf tile[TILE_ROWS][TILE_VECTORS];
      EACH_SUM(i, v) {
        const int place = places[r + i] - panel * PANEL - v * VECTOR_WIDTH;
        const vf start_value = biases[v].vector - shifts[r + i];
        tile[i][v] = lanes == (vi)(place) ? (vf)(-INFINITY) : start_value;
      }
#define INPUT_ROW(i) inputs[i]
      MULTIPLY_TILE(tile, INPUT_ROW, 1, AS_VECTORS(panels + (size_t)panel * width * PANEL), width)
      if (KIND == SOFTMAX) {
        vf maximum = (vf)(-INFINITY);
        EACH_SUM(i, v) maximum = maximum < tile[i][v] ? tile[i][v] : maximum;
        if (maxv(maximum) > RAISE_ABOVE) {
          vf scores[TILE_ROWS][TILE_VECTORS];
          EACH_SUM(i, v) scores[i][v] = tile[i][v];
          for (int i = 0; i < min(TILE_ROWS, block_rows - r); i++)
            raise_shift(scores[i], shifts + r + i, sums + r + i,
                        weights + (size_t)(r + i) * PANEL, has_gradients ? panel : 0, panel_size,
                        dx + (size_t)(r + i) * width, width);
          EACH_SUM(i, v) tile[i][v] = scores[i][v];
        }
      }
      weigh_tile(tile, sums + r, losses + r);
      __global float *out = weights + panel * panel_size + r * PANEL;
      if (has_gradients) EACH_SUM(i, v) storev(out + i * PANEL + v * VECTOR_WIDTH, tile[i][v]);
    }
    if (has_gradients)
      add_panel_gradient(weights, panel, panelCount, panel_size, strips, block_rows, dx, width);
  }
  for (int r = 0; r < block_rows; r++) {
    const int n = start + block + r;
    const bool valid = targets[n] >= first && targets[n] < first + classes;
    const event_result result = finish_event(sumv(losses[r]), sumv(sums[r]), own[r], shifts[r],
                                             negatives - (places[r] >= 0), beta, scale);
    event_losses[n] = valid ? result.loss : 0.0f;
    if (!has_gradients) continue;
    const float factor = valid ? result.factor : 0.0f;
    for (int d = 0; d < width; d++) dx[(size_t)r * width + d] *= factor;
    target_gradients[n] = valid ? result.target : 0.0f;
    for (int d = 0; d < width; d += STRIP) {
      __global float *strip = scaled + ((size_t)(d / STRIP) * capacity + block + r) * STRIP;
      for (int i = 0; i < STRIP; i += VECTOR_WIDTH)
        storev(strip + i, load_lanes(x + (size_t)n * width + d + i, width - d - i) * factor);
    }
  }
}
