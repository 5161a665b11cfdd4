// Softmax cross-entropy with soft targets, CPU tuning: loss and weights of a chunk of events. Compiled after
// tile_cpu.cl, softmax_shift_cpu.cl and input_gradient_cpu.cl.
//
//   losses_n   = (1 - a) [lse(z) - (1 - s) z_target - s mean(z)] + a T^2 sum_v q_v log(q_v / p_v)
//   weights_nv = (1 - a) [softmax(z)_v - (1 - s) [v = target] - s / V] + a T (p_v - q_v)
//   z_v = x_n . e_v,  t_v = y_n . f_v,  p = softmax(z / T),  q = softmax(t / T)
//
// s is the smoothing of labels; a and T are weight and temperature of a teacher, which has states y and class
// vectors f. Without a teacher (TEACHER 0) a is 0, and y, f and their scores are not read. With the temperature 1
// (TEMPERED 0) p is softmax(z), whose powers are taken once.
//
// The layouts and the other kernels of the pass are those of linear_cross_entropy_cpu.cl: panels and strips are
// packed there, panels times log2 e, so that scores here are u = z log2 e; the table's gradient follows in
// linear_cross_entropy_table_gradient. Scores are kept, because the weights need four sums over all of them:
//
//   weights, teacher_scores [P][capacity][PANEL]: scores of the chunk; then weights in their place
//
// One work-group owns BLOCK_ROWS events and visits all panels three times: for scores and their maxima, for the
// sums, and, if `has_gradients`, for the weights and dx.

#ifndef BLOCK_ROWS
#define BLOCK_ROWS 48  // events per work-item
#endif

// 1 for the columns of a panel that are classes, 0 for its padding.
static inline void class_lanes(vf_lanes *lanes, int panel, int classes)
{
  for (int c = 0; c < PANEL; c++)
    lanes[c / VECTOR_WIDTH].lanes[c % VECTOR_WIDTH] = panel * PANEL + c < classes ? 1.0f : 0.0f;
}

// Scores of `rows` rows, whose part of panel 0 begins at `scores`, and the maximum of each.
static void write_scores(const __global float *restrict x, int width, const __global float *restrict panels,
                         int classes, int rows, __global float *restrict scores, size_t panel_size,
                         float *maxima)
{
  vf highest[BLOCK_ROWS];
  for (int r = 0; r < BLOCK_ROWS; r++) highest[r] = (vf)(-INFINITY);
  for (int panel = 0; panel * PANEL < classes; panel++) {
    vf_lanes exists[TILE_VECTORS];
    class_lanes(exists, panel, classes);
    for (int r = 0; r < rows; r += TILE_ROWS) {
      const __global float *inputs[TILE_ROWS];
      for (int i = 0; i < TILE_ROWS; i++) inputs[i] = x + (size_t)min(r + i, rows - 1) * width;
      vf tile[TILE_ROWS][TILE_VECTORS];
      EACH_SUM(i, v) tile[i][v] = (vf)(0.0f);
#define INPUT_ROW(i) inputs[i]
      MULTIPLY_TILE(tile, INPUT_ROW, 1, AS_VECTORS(panels + (size_t)panel * width * PANEL), width)
      __global float *out = scores + panel * panel_size + r * PANEL;
      EACH_SUM(i, v) {
        storev(out + i * PANEL + v * VECTOR_WIDTH, tile[i][v]);
        const vf own = exists[v].vector > (vf)(0.0f) ? tile[i][v] : (vf)(-INFINITY);
        highest[r + i] = highest[r + i] < own ? own : highest[r + i];
      }
    }
  }
  for (int r = 0; r < BLOCK_ROWS; r++) maxima[r] = maxv(highest[r]);
}

// Powers of two of the differences u to the maximum. Padding may stand above it and is not used; NaN stays.
ALWAYS_INLINE void powers(vf *power, const vf *u, float factor)
{
  EACH_BELOW(v, TILE_VECTORS) {
    const vf below = u[v] * factor > (vf)(0.0f) ? (vf)(0.0f) : u[v] * factor;
    power[v] = below < NEGLIGIBLE ? (vf)(NEGLIGIBLE) : below;
  }
  exp2_together(power, TILE_VECTORS);
}

ALWAYS_INLINE void load_panel_row(vf *u, const __global float *scores, float maximum)
{
  EACH_BELOW(v, TILE_VECTORS) u[v] = loadv(scores + v * VECTOR_WIDTH) - maximum;
}

// `count` events from `start` on.
ONE_ITEM __kernel void soft_cross_entropy_score(
    const __global float *restrict x, const __global int *restrict targets,
    const __global float *restrict panels, const __global float *restrict strips,
    const __global float *restrict y, const __global float *restrict teacher_panels,
    __global float *restrict teacher_scores, __global float *restrict weights,
    __global float *restrict scaled, __global float *restrict dx, __global float *restrict losses,
    int start, int count, int capacity, int first, int classes, int width, int teacher_width,
    float scale, float smoothing, float share, float temperature, int has_gradients)
{
  const int block = get_group_id(0) * BLOCK_ROWS;
  const int rows = min(BLOCK_ROWS, count - block);
  const int panel_count = (classes + PANEL - 1) / PANEL;
  const size_t panel_size = (size_t)capacity * PANEL;
  const float cool = 1.0f / temperature;
  float maxima[BLOCK_ROWS], teacher_maxima[BLOCK_ROWS];
  // Sums of u, 2^u, 2^(u / T), 2^(t / T), and of the latter times t - u.
  vf totals[BLOCK_ROWS], hard[BLOCK_ROWS], soft[BLOCK_ROWS], taught[BLOCK_ROWS], gaps[BLOCK_ROWS];
  x += (size_t)(start + block) * width;
  dx += (size_t)(start + block) * width;
  targets += start + block;
  weights += (size_t)block * PANEL;
  write_scores(x, width, panels, classes, rows, weights, panel_size, maxima);
#if TEACHER
  teacher_scores += (size_t)block * PANEL;
  y += (size_t)(start + block) * teacher_width;
  write_scores(y, teacher_width, teacher_panels, classes, rows, teacher_scores, panel_size, teacher_maxima);
#endif
  for (int r = 0; r < BLOCK_ROWS; r++) totals[r] = hard[r] = soft[r] = taught[r] = gaps[r] = (vf)(0.0f);
  for (int panel = 0; panel < panel_count; panel++) {
    vf_lanes exists[TILE_VECTORS];
    class_lanes(exists, panel, classes);
    for (int r = 0; r < rows; r++) {
      vf u[TILE_VECTORS], power[TILE_VECTORS];
      load_panel_row(u, weights + panel * panel_size + r * PANEL, maxima[r]);
      powers(power, u, 1.0f);
      EACH_BELOW(v, TILE_VECTORS) {
        totals[r] += u[v] * exists[v].vector;
        hard[r] += power[v] * exists[v].vector;
      }
#if TEACHER
      vf t[TILE_VECTORS];
      load_panel_row(t, teacher_scores + panel * panel_size + r * PANEL, teacher_maxima[r]);
#if TEMPERED
      powers(power, u, cool);
      EACH_BELOW(v, TILE_VECTORS) soft[r] += power[v] * exists[v].vector;
#endif
      powers(power, t, cool);
      EACH_BELOW(v, TILE_VECTORS) {
        const vf own = power[v] * exists[v].vector;
        taught[r] += own;
        gaps[r] = fma(own, t[v] - u[v], gaps[r]);
      }
#endif
    }
  }
  float label_weights[BLOCK_ROWS], factors[BLOCK_ROWS][3];
  const float even = (1.0f - share) * smoothing / classes;
  for (int r = 0; r < rows; r++) {
    const int label = targets[r] - first;
    const bool valid = label >= 0 && label < classes;
    const size_t place = valid ? (label / PANEL) * panel_size + r * PANEL + label % PANEL : 0;
    const float sum = sumv(hard[r]);
    const float target = (1.0f - smoothing) * (weights[place] - maxima[r]);
    float loss = (1.0f - share) * (log(sum) - (target + smoothing * sumv(totals[r]) / classes) / LOG2_E);
    factors[r][0] = (1.0f - share) / sum;
    label_weights[r] = (1.0f - share) * (1.0f - smoothing);
#if TEACHER
    const float soft_sum = TEMPERED ? sumv(soft[r]) : sum, taught_sum = sumv(taught[r]);
    loss += share * temperature * temperature *
            (sumv(gaps[r]) / taught_sum * cool / LOG2_E + log(soft_sum / taught_sum));
    if (TEMPERED) factors[r][1] = share * temperature / soft_sum;
    else factors[r][0] = 1.0f / sum;
    factors[r][2] = share * temperature / taught_sum;
#endif
    losses[start + block + r] = valid ? loss : 0.0f;
  }
  if (!has_gradients) return;
  for (int panel = 0; panel < panel_count; panel++) {
    for (int r = 0; r < rows; r++) {
      __global float *row = weights + panel * panel_size + r * PANEL;
      vf u[TILE_VECTORS], power[TILE_VECTORS], sum[TILE_VECTORS];
      load_panel_row(u, row, maxima[r]);
      powers(power, u, 1.0f);
      EACH_BELOW(v, TILE_VECTORS) sum[v] = power[v] * factors[r][0] - even;
#if TEACHER
#if TEMPERED
      powers(power, u, cool);
      EACH_BELOW(v, TILE_VECTORS) sum[v] += power[v] * factors[r][1];
#endif
      load_panel_row(u, teacher_scores + panel * panel_size + r * PANEL, teacher_maxima[r]);
      powers(power, u, cool);
      EACH_BELOW(v, TILE_VECTORS) sum[v] -= power[v] * factors[r][2];
#endif
      EACH_BELOW(v, TILE_VECTORS) storev(row + v * VECTOR_WIDTH, sum[v]);
      const int column = targets[r] - first - panel * PANEL;
      if (column >= 0 && column < PANEL) row[column] -= label_weights[r];
    }
    add_panel_gradient(weights, panel, panel_count, panel_size, strips, rows, dx, width);
  }
  for (int r = 0; r < rows; r++) {
    const int label = targets[r] - first;
    const float factor = label >= 0 && label < classes ? scale : 0.0f;
    for (int d = 0; d < width; d++) dx[(size_t)r * width + d] *= factor;
    for (int d = 0; d < width; d += STRIP) {
      __global float *strip = scaled + ((size_t)(d / STRIP) * capacity + block + r) * STRIP;
      for (int i = 0; i < STRIP; i++)
        strip[i] = d + i < width ? x[(size_t)r * width + d + i] * factor : 0.0f;
    }
  }
}
