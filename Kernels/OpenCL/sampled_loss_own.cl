// Sampled losses with negatives of each event's own: scores, loss, and the gradients of the scores
// and of x. Compiled after sampled_loss_terms.cl.
//
//   u_nj = log2 e (x_n . e_row(n, j) - c_nj),  u_n = log2 e (x_n . e_target(n) - c_target(n))
//   losses_n, gradients_nj, target_gradients_n: as defined in sampled_loss_terms.cl
//   dx_n = target_gradients_n e_target(n) + sum_j gradients_nj e_row(n, j)
//
// A negative that is the event's own target does not count. An event whose target is not a class
// adds nothing to the loss and to the gradients.
//
//   x, dx [N, D]; table [rows, D]; targets, losses, target_gradients [N]
//   rows, gradients, log_counts (c) [N, k]; target_log_counts [N]; c is read only if `corrected`
//
// `gradients` holds the scores first, then the weights, then the gradients. A softmax needs its
// maximum first, so an event's rows are read twice, the second time from cache. CPU: CHUNK_ROWS
// events per work-item. GPU: one event per work-group, one negative at a time per team of 32
// work-items.

#ifdef TUNING_CPU
#define CHUNK_ROWS 16
#define TOGETHER 4  // vectors of dx in registers

// The `vectors` vectors of dx_n from channel d on.
ALWAYS_INLINE void sum_rows(const __global table_float *table, const __global int *rows,
                            const __global float *gradients, int count, int target,
                            float target_gradient, __global float *out, int d, int width,
                            const int vectors)
{
  vf sums[TOGETHER];
  const __global table_float *own = table + (size_t)target * width + d;
  EACH_BELOW(v, vectors)
    sums[v] = target_gradient * load_table_lanes(own + v * VECTOR_WIDTH, width - d - v * VECTOR_WIDTH);
  for (int j = 0; j < count; j++) {
    const __global table_float *row = table + (size_t)rows[j] * width + d;
    EACH_BELOW(v, vectors)
      sums[v] = fma((vf)(gradients[j]),
                    load_table_lanes(row + v * VECTOR_WIDTH, width - d - v * VECTOR_WIDTH), sums[v]);
  }
  EACH_BELOW(v, vectors)
    store_lanes(out + d + v * VECTOR_WIDTH, sums[v], width - d - v * VECTOR_WIDTH);
}

__attribute__((reqd_work_group_size(1, 1, 1)))
__kernel void sampled_loss_own(
    const __global float *restrict x, const __global table_float *restrict table,
    const __global int *restrict targets, const __global int *restrict rows,
    const __global float *restrict log_counts, const __global float *restrict target_log_counts,
    int corrected, __global float *restrict gradients, __global float *restrict target_gradients,
    __global float *restrict event_losses, __global float *restrict dx, int count, int negatives,
    int first, int classes, int width, float scale, float beta, int has_gradients)
{
  const int block = (int)get_group_id(0) * CHUNK_ROWS;
  const int16 counting = (int16)(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
  const vi lanes = *(const vi *)&counting;  // the first VECTOR_WIDTH of them
  for (int n = block; n < min(block + CHUNK_ROWS, count); n++) {
    const int target = targets[n];
    const bool valid = target >= first && target < first + classes;
    const __global float *input = x + (size_t)n * width;
    const __global int *others = rows + (size_t)n * negatives;
    __global float *g = gradients + (size_t)n * negatives;
    float u = valid ? dot_rows(input, table + (size_t)target * width, width) : 0.0f;
    if (corrected && valid) u -= target_log_counts[n];
    u *= LOG2_E;
    float maximum = u;
    int counted = 0;
    for (int j = 0; j < negatives; j++) {
      float score = dot_rows(input, table + (size_t)others[j] * width, width);
      if (corrected) score -= log_counts[(size_t)n * negatives + j];
      const bool counts = others[j] != target;
      counted += counts;
      g[j] = counts ? score * LOG2_E : -INFINITY;
      maximum = fmax(maximum, g[j]);
    }
    const float shift = KIND == SOFTMAX ? maximum : KIND == BINARY ? 0.0f : u;
    vf losses = (vf)(0.0f), weights = (vf)(0.0f);
    for (int j = 0; j < negatives; j += VECTOR_WIDTH) {
      const vf score = load_lanes(g + j, negatives - j);
      vf term = lanes < (vi)(negatives - j) ? score - shift : (vf)(-INFINITY), weight;
#if KIND == SOFTMAX
      power_together(&term, 1);
      weight = term;
#else
      softplus_together(&term, &weight, 1);
      losses += term;
#endif
      weights += weight;
      store_lanes(g + j, weight, negatives - j);
    }
    const event_result result =
        finish_event(sumv(losses), sumv(weights), u, shift, counted, beta, scale);
    const float target_gradient = valid ? result.target : 0.0f;
    event_losses[n] = valid ? result.loss : 0.0f;
    if (!has_gradients) continue;
    target_gradients[n] = target_gradient;
    for (int j = 0; j < negatives; j++) g[j] = valid ? g[j] * result.factor : 0.0f;
    __global float *out = dx + (size_t)n * width;
    const int row = valid ? target : first;  // any row that exists: its gradient is 0
    int d = 0;
    for (; d + TOGETHER * VECTOR_WIDTH <= width; d += TOGETHER * VECTOR_WIDTH)
      sum_rows(table, others, g, negatives, row, target_gradient, out, d, width, TOGETHER);
    for (; d < width; d += VECTOR_WIDTH)
      sum_rows(table, others, g, negatives, row, target_gradient, out, d, width, 1);
  }
}

#else  // TUNING_GPU

#define TEAM 32  // items that share a scalar product
#define TEAMS 4
#define ITEMS (TEAM * TEAMS)

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void sampled_loss_own(
    const __global float *restrict x, const __global table_float *restrict table,
    const __global int *restrict targets, const __global int *restrict rows,
    const __global float *restrict log_counts, const __global float *restrict target_log_counts,
    int corrected, __global float *restrict gradients, __global float *restrict target_gradients,
    __global float *restrict event_losses, __global float *restrict dx, int count, int negatives,
    int first, int classes, int width, float scale, float beta, int has_gradients)
{
  const int item = get_local_id(0);
  const int n = get_group_id(0);
  const int team = item / TEAM;
  const int lane = item % TEAM;
  __local float scratch[ITEMS];
  __local float own;
  const int target = targets[n];
  const bool valid = target >= first && target < first + classes;
  const int row = valid ? target : first;  // any row that exists: its gradient is 0
  const __global float *input = x + (size_t)n * width;
  const __global int *others = rows + (size_t)n * negatives;
  __global float *g = gradients + (size_t)n * negatives;
  // The target comes after the last negative.
  for (int begin = 0; begin <= negatives; begin += TEAMS) {
    const int j = begin + team;
    const int other = j < negatives ? others[j] : row;
    float sum = 0.0f;
    for (int d = lane; d < width; d += TEAM)
      sum = fma(input[d], load_table(table + (size_t)other * width + d), sum);
    float score = group_sum(sum, scratch, team * TEAM, lane, TEAM);
    if (corrected && j < negatives)
      score -= log_counts[(size_t)n * negatives + j];
    if (corrected && j == negatives && valid) score -= target_log_counts[n];
    if (lane == 0 && j < negatives) g[j] = other == target ? -INFINITY : score * LOG2_E;
    if (lane == 0 && j == negatives) own = score * LOG2_E;
  }
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  const float u = own;
  float shift = KIND == BINARY ? 0.0f : u;
#if KIND == SOFTMAX
  for (int j = item; j < negatives; j += ITEMS) shift = fmax(shift, g[j]);
  shift = group_maximum(shift, scratch, 0, item, ITEMS);
#endif
  float losses = 0.0f, weights = 0.0f, counts = 0.0f;
  for (int j = item; j < negatives; j += ITEMS) {
    vf term = g[j] - shift, weight;
    counts += others[j] != target ? 1.0f : 0.0f;
#if KIND == SOFTMAX
    power_together(&term, 1);
    weight = term;
#else
    softplus_together(&term, &weight, 1);
    losses += term;
#endif
    weights += weight;
    g[j] = weight;
  }
  losses = group_sum(losses, scratch, 0, item, ITEMS);
  weights = group_sum(weights, scratch, 0, item, ITEMS);
  const int counted = (int)group_sum(counts, scratch, 0, item, ITEMS);
  const event_result result = finish_event(losses, weights, u, shift, counted, beta, scale);
  const float target_gradient = valid ? result.target : 0.0f;
  if (item == 0) event_losses[n] = valid ? result.loss : 0.0f;
  if (item == 0 && has_gradients) target_gradients[n] = target_gradient;
  for (int j = item; has_gradients && j < negatives; j += ITEMS)
    g[j] = valid ? g[j] * result.factor : 0.0f;
  barrier(CLK_LOCAL_MEM_FENCE | CLK_GLOBAL_MEM_FENCE);
  for (int d = item; has_gradients && d < width; d += ITEMS) {
    float sum = target_gradient * load_table(table + (size_t)row * width + d);
    for (int j = 0; j < negatives; j++)
      sum = fma(g[j], load_table(table + (size_t)others[j] * width + d), sum);
    dx[(size_t)n * width + d] = sum;
  }
}

#endif
