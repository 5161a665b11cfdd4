// Sampled losses whose negatives are shared by all events, GPU tuning: from the scores of a chunk
// to its loss and weights. Compiled after sampled_loss_terms.cl.
//
// The scores x_n . e_row(j) come from linear_cross_entropy_gpu.cl with the K gathered rows in place
// of the classes, and so do both products of the gradients; here each score turns into its
// gradient.
//
//   weights [count][K]: scores, then gradients of the scores
//   rows [K]: the negatives' rows of the table, ascending and distinct
//   log_counts [K], target_log_counts [N]: logarithms of expected counts, read only if `corrected`
//   target_gradients [N]: of the targets' scores, for sampled_loss_rows.cl
//
// A negative that is the event's own target does not count for the event.

#define ITEMS 256
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// One work-group per event.
__kernel GROUP void sampled_loss_shared_terms(
    __global float *restrict weights, const __global float *restrict x,
    const __global table_float *restrict table, const __global int *restrict targets,
    const __global int *restrict rows, const __global float *restrict log_counts,
    const __global float *restrict target_log_counts, int corrected,
    __global float *restrict target_gradients, __global float *restrict event_losses, int start,
    int negatives, int first, int classes, int width, float scale, float beta, int has_gradients)
{
  const int item = get_local_id(0);
  const int row = get_group_id(0);
  __local float scratch[ITEMS];
  __global float *scores = weights + (size_t)row * negatives;
  const int n = start + row;
  const int target = targets[n];
  const bool valid = target >= first && target < first + classes;
  const int place = find_row(rows, negatives, target);
  float u = 0.0f;
  for (int d = item; valid && d < width; d += ITEMS)
    u = fma(x[(size_t)n * width + d], load_table(table + (size_t)target * width + d), u);
  u = group_sum(u, scratch, 0, item, ITEMS);
  if (corrected && valid) u -= target_log_counts[n];
  u *= LOG2_E;
  float shift = KIND == BINARY ? 0.0f : u;
#if KIND == SOFTMAX
  for (int j = item; j < negatives; j += ITEMS) {
    const float score = (scores[j] - (corrected ? log_counts[j] : 0.0f)) * LOG2_E;
    if (j != place) shift = fmax(shift, score);
  }
  shift = group_maximum(shift, scratch, 0, item, ITEMS);
#endif
  float sum = 0.0f, losses = 0.0f;
  for (int j = item; j < negatives; j += ITEMS) {
    vf term = scores[j], weight;
    if (corrected) term -= log_counts[j];
    term = j == place ? -INFINITY : term * LOG2_E - shift;
#if KIND == SOFTMAX
    power_together(&term, 1);
    weight = term;
#else
    softplus_together(&term, &weight, 1);
    losses += term;
#endif
    sum += weight;
    scores[j] = weight;
  }
  sum = group_sum(sum, scratch, 0, item, ITEMS);
  losses = group_sum(losses, scratch, 0, item, ITEMS);
  const event_result result =
      finish_event(losses, sum, u, shift, negatives - (place >= 0), beta, scale);
  if (item == 0) event_losses[n] = valid ? result.loss : 0.0f;
  if (item == 0 && has_gradients) target_gradients[n] = valid ? result.target : 0.0f;
  for (int j = item; has_gradients && j < negatives; j += ITEMS)
    scores[j] = valid ? scores[j] * result.factor : 0.0f;
}
