// Losses of rows of outputs by element, with their gradients. Compiled after row_loss_shared.cl.
//
//   loss = scale sum_n weights[n] loss_n,   gradient = d loss / d outputs
//
//   binary    loss_n = sum_c max(z, 0) - z t + log(1 + exp -|z|)         with z = outputs[n, c],
//   squared   loss_n = sum_c (z - t)^2                                        t = targets[n, c]
//   absolute  loss_n = sum_c |z - t|
//   huber     loss_n = sum_c u^2 / 2 if u <= delta else delta (u - delta / 2), u = |z - t|
//   hazard    loss_n = sum_{c < b} log(1 + exp z_c) + observed[n] log(1 + exp -z_b), b = bins[n]
//
// outputs, gradient: [n, width]; weights [n] are read only if `has_weights`, and gradient is
// written only if `has_gradient`. A work-group computes CHUNK elements and writes their sum to
// partial; on a GPU neighbouring work-items compute neighbouring elements. row_loss_sum adds the
// partial sums in order. Nothing is kept for a backward pass.

// The kinds of row_loss_targets, by the numbers of the host's RowLossPass.
#define BINARY 0
#define SQUARED 1
#define ABSOLUTE 2
#define HUBER 3

// scale weights[row] of the `tail` elements from `at` on, then 0.
static inline vf row_factors(__global const float *weights, int has_weights, float scale, int at,
                             int tail, int width)
{
  vf_lanes factors = {(vf)(0.0f)};
  const int lanes = min(tail, VECTOR_WIDTH);
  for (int lane = 0; lane < lanes; ++lane)
    factors.lanes[lane] = has_weights ? scale * weights[(at + lane) / width] : scale;
  return factors.vector;
}

static inline void binary_terms(vf z, vf t, vf *loss, vf *slope)
{
  const vf e = exp_negative(-fabs(z));
  *loss = fmax(z, (vf)(0.0f)) - z * t + log1p(e);
  *slope = (z < (vf)(0.0f) ? e : (vf)(1.0f)) / ((vf)(1.0f) + e) - t;
}

static inline void target_terms(int kind, vf z, vf t, float delta, vf *loss, vf *slope)
{
  const vf gap = z - t;
  const vf size = fabs(gap);
  if (kind == BINARY) {
    binary_terms(z, t, loss, slope);
  } else if (kind == SQUARED) {
    *loss = gap * gap;
    *slope = gap + gap;
  } else if (kind == ABSOLUTE) {
    const vf zero = (vf)(0.0f), one = (vf)(1.0f);
    *loss = size;
    *slope = (gap > zero ? one : zero) - (gap < zero ? one : zero);
  } else {
    *loss = size <= (vf)(delta) ? 0.5f * gap * gap : delta * (size - 0.5f * delta);
    *slope = fmax(fmin(gap, (vf)(delta)), (vf)(-delta));
  }
}

__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void row_loss_targets(__global const float *outputs, __global const float *targets,
                               __global const float *weights, int has_weights,
                               __global float *gradient, int has_gradient, __global float *partial,
                               int count, int width, int kind, float scale, float delta)
{
  __local float scratch[ITEMS];
  const int item = (int)get_local_id(0);
  const int group = (int)get_group_id(0);
  const int last = min(count, group * CHUNK + CHUNK);
  vf sums = (vf)(0.0f);
  for (int i = group * CHUNK + item * VECTOR_WIDTH; i < last; i += ITEMS * VECTOR_WIDTH) {
    const int tail = last - i;
    const vf factors = row_factors(weights, has_weights, scale, i, tail, width);
    vf loss, slope;
    target_terms(kind, load_tail(outputs + i, tail, 0.0f), load_tail(targets + i, tail, 0.0f),
                 delta, &loss, &slope);
    sums = fma(factors, loss, sums);
    if (has_gradient) store_tail(gradient + i, factors * slope, tail);
  }
  const float sum = TOTAL(sumv(sums), 0, item, ITEMS);
  if (item == 0) partial[group] = sum;
}

// Each bin has a binary cross-entropy: its target is 1 in the bin of an observed event, else 0, and
// it counts if the row was at risk in the bin.
__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void row_loss_hazard(__global const float *outputs, __global const int *bins,
                              __global const int *observed, __global const float *weights,
                              int has_weights, __global float *gradient, int has_gradient,
                              __global float *partial, int count, int width, float scale)
{
  __local float scratch[ITEMS];
  const int item = (int)get_local_id(0);
  const int group = (int)get_group_id(0);
  const int last = min(count, group * CHUNK + CHUNK);
  vf sums = (vf)(0.0f);
  for (int i = group * CHUNK + item * VECTOR_WIDTH; i < last; i += ITEMS * VECTOR_WIDTH) {
    const int tail = last - i;
    const int lanes = min(tail, VECTOR_WIDTH);
    vf_lanes factors = {row_factors(weights, has_weights, scale, i, tail, width)};
    vf_lanes targets = {(vf)(0.0f)};
    for (int lane = 0; lane < lanes; ++lane) {
      const int row = (i + lane) / width;
      const int bin = bins[row];
      const int column = i + lane - row * width;
      const int is_event = column == bin && observed[row] != 0;
      if (is_event) targets.lanes[lane] = 1.0f;
      if (column >= bin && !is_event) factors.lanes[lane] = 0.0f;
    }
    vf loss, slope;
    binary_terms(load_tail(outputs + i, tail, 0.0f), targets.vector, &loss, &slope);
    sums = fma(factors.vector, loss, sums);
    if (has_gradient) store_tail(gradient + i, factors.vector * slope, tail);
  }
  const float sum = TOTAL(sumv(sums), 0, item, ITEMS);
  if (item == 0) partial[group] = sum;
}

// loss[0] = sum of partial [count]. A single work-group.
__attribute__((reqd_work_group_size(ITEMS, 1, 1)))
__kernel void row_loss_sum(__global const float *partial, __global float *loss, int count)
{
  __local float scratch[ITEMS];
  const int item = (int)get_local_id(0);
  vf sums = (vf)(0.0f);
  for (int i = item * VECTOR_WIDTH; i < count; i += ITEMS * VECTOR_WIDTH)
    sums += load_tail(partial + i, count - i, 0.0f);
  const float sum = TOTAL(sumv(sums), 0, item, ITEMS);
  if (item == 0) loss[0] = sum;
}
