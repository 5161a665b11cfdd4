// Target attention of the deep interest network (Zhou et al. 2018), by pairs of a candidate n and an
// event m before it in its sequence, n - window <= m < n. Compiled after sigmoid.cl and, for a CPU,
// target_attention_tile_cpu.cl.
//
//   out[n] = sum over m of s k[m],   s = output . h,   h = sigmoid(query_part[n] + key_part[m] + P x),
//   x = q[n] k[m];   with g = dout[n] . k[m], u = g output h (1 - h), z = P^T u:
//
//   dq[n] += z k[m]   dk[m] += s dout[n] + z q[n]   dquery_part[n] += u   dkey_part[m] += u
//   dP += u x^T       doutput += g h
//
// Pairs are rows, ordered by n, then by m, so that products with P are those of matmul: x, then z, is
// [pairs, WIDTH]; hidden, which is P x, then h, then u, is [pairs, HIDDEN]; s and g are [pairs]. They
// hold the pairs of a chunk of candidates first, first + 1, ... Nothing is kept for the backward pass.
//
// places: [N + 1], the number of pairs before each candidate: so it has the places[n + 1] - places[n]
// events before it. ends: [N], the end of each event's sequence. q, k, out, dout, dq, dk: [N, WIDTH];
// the parts and their gradients, to which the kernels add: [N, HIDDEN]; output: [HIDDEN].
//
// A work-group computes one candidate, in target_attention_sums one event, whose sums so have one
// owner and a fixed order; on a GPU an item takes a pair, then a channel or a unit.

#ifdef TUNING_CPU
#define ITEMS 1
#else
#define ITEMS 64
#define EACH_VECTOR(c, width) for (int c = item; c < (width); c += ITEMS)
#endif
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

// The work-group's candidate n: the number of its pairs, and the first's row and event.
#define CANDIDATE                                        \
  const int item = get_local_id(0);                      \
  const int n = first + (int)get_group_id(0);            \
  const int count = (int)(places[n + 1] - places[n]);    \
  const int pair = (int)(places[n] - places[first]);     \
  const int event = n - count;

// One work-group, whose items take some sequences each. On a CPU it also packs P^T in panels.
GROUP __kernel void target_attention_prepare(__global const int *offsets, __global uint *places,
                                             __global int *ends, __global const float *product,
                                             __global float *packed, int sequences, int window)
{
  __local uint sums[ITEMS];
  const int item = get_local_id(0);
  const int from = (int)((long)sequences * item / ITEMS);
  const int to = (int)((long)sequences * (item + 1) / ITEMS);
  uint place = 0;
  for (int b = from; b < to; ++b) {
    const uint length = offsets[b + 1] - offsets[b];
    const uint rising = min(length, (uint)window);
    place += rising * (rising - 1) / 2 + (length - rising) * window;
  }
  sums[item] = place;
  barrier(CLK_LOCAL_MEM_FENCE);
  place = 0;
  for (int i = 0; i < item; ++i) place += sums[i];
  for (int b = from; b < to; ++b)
    for (int n = offsets[b]; n < offsets[b + 1]; ++n) {
      places[n] = place;
      ends[n] = offsets[b + 1];
      place += min(n - offsets[b], window);
    }
  if (item == ITEMS - 1) places[offsets[sequences]] = place;
#ifdef TUNING_CPU
  for (int panel = 0; panel < HIDDEN; panel += PANEL)
    for (int c = 0; c < WIDTH; ++c)
      for (int e = panel; e < panel + PANEL; ++e)
        packed[panel * WIDTH + c * PANEL + e - panel] = e < HIDDEN ? product[e * WIDTH + c] : 0.0f;
#endif
}

#ifdef TUNING_GPU
// The rows of x. A CPU computes them, and P x, where it needs them.
GROUP __kernel void target_attention_products(__global const float *q, __global const float *k,
                                              __global const uint *places, __global float *x,
                                              int first)
{
  CANDIDATE
  for (int index = item; index < count * WIDTH; index += ITEMS) {
    const int i = index / WIDTH, c = index % WIDTH;
    store_row(x, pair + i, WIDTH, c, load_row(q, n, WIDTH, c) * load_row(k, event + i, WIDTH, c));
  }
}
#endif

// s, and if `keeps` h; on a CPU by P^T in panels (packed), and also x; on a GPU hidden holds P x.
GROUP __kernel void target_attention_scores(
    __global const float *q, __global const float *k, __global const float *query_part,
    __global const float *key_part, __global const float *packed, __global const float *output,
    __global const uint *places, __global float *x, __global float *hidden, __global float *s,
    int keeps, int first)
{
  CANDIDATE
#ifdef TUNING_CPU
  for (int i = 0; i < count; i += TILE_ROWS)
    tile_scores(q + (size_t)n * WIDTH, k + (size_t)(event + i) * WIDTH,
                query_part + (size_t)n * HIDDEN, key_part + (size_t)(event + i) * HIDDEN, packed,
                output, x + (size_t)(pair + i) * WIDTH, hidden + (size_t)(pair + i) * HIDDEN,
                s + pair + i, keeps, min(TILE_ROWS, count - i));
#else
  for (int i = item; i < count; i += ITEMS) {
    float total = 0.0f;
    for (int e = 0; e < HIDDEN; ++e) {
      float h = load_row(hidden, pair + i, HIDDEN, e) + load_row(query_part, n, HIDDEN, e)
                + load_row(key_part, event + i, HIDDEN, e);
      sigmoid_together(&h, 1);
      total = fma(output[e], h, total);
      if (keeps) store_row(hidden, pair + i, HIDDEN, e, h);
    }
    s[pair + i] = total;
  }
#endif
}

// scores: [N, columns], column j for the event n - 1 - j, is written only if there are columns.
GROUP __kernel void target_attention_forward(__global const float *k, __global const uint *places,
                                             __global const float *s, __global float *out,
                                             __global float *scores, int columns, int first)
{
  CANDIDATE
  EACH_VECTOR(c, WIDTH) {
    vf sum = (vf)(0.0f);
    for (int i = 0; i < count; ++i)
      sum = fma((vf)(s[pair + i]), load_row(k, event + i, WIDTH, c), sum);
    store_row(out, n, WIDTH, c, sum);
  }
  for (int i = item; i < min(count, columns); i += ITEMS)
    scores[(size_t)n * columns + count - 1 - i] = s[pair + i];
}

// u from h; output_terms: [N, HIDDEN], the terms of doutput by candidates.
GROUP __kernel void target_attention_backward(
    __global const float *dout, __global const float *k, __global const float *output,
    __global const uint *places, __global float *hidden, __global float *g,
    __global float *dquery_part, __global float *output_terms, int first)
{
  CANDIDATE
  for (int i = item; i < count; i += ITEMS) {
    vf dots = (vf)(0.0f);
    for (int c = 0; c < WIDTH; c += VECTOR_WIDTH)
      dots = fma(load_row(dout, n, WIDTH, c), load_row(k, event + i, WIDTH, c), dots);
    g[pair + i] = sumv(dots);
  }
  barrier(CLK_GLOBAL_MEM_FENCE);
  EACH_VECTOR(e, HIDDEN) {
    const vf weight = load_row(output, 0, HIDDEN, e);
    vf query_sum = load_row(dquery_part, n, HIDDEN, e), output_sum = (vf)(0.0f);
    for (int i = 0; i < count; ++i) {
      const vf h = load_row(hidden, pair + i, HIDDEN, e), u = g[pair + i] * weight * (h - h * h);
      store_row(hidden, pair + i, HIDDEN, e, u);
      query_sum += u;
      output_sum = fma((vf)(g[pair + i]), h, output_sum);
    }
    store_row(dquery_part, n, HIDDEN, e, query_sum);
    store_row(output_terms, n, HIDDEN, e, output_sum);
  }
}

// The other sums over a chunk that ends before candidate `end`. Grid: events from first_event on.
GROUP __kernel void target_attention_sums(
    __global const float *dout, __global const float *q, __global const float *k,
    __global const uint *places, __global const int *ends, __global const float *s,
    __global const float *u, __global const float *z, __global float *dq, __global float *dk,
    __global float *dkey_part, int window, int first_event, int first, int end)
{
  const int item = get_local_id(0);
  const int m = first_event + (int)get_group_id(0);
  const int from = max(first, m + 1);  // candidates that see event m
  const int to = min(min(end, ends[m]), m + 1 + window);
  const uint row = places[first] - m;  // of the pair with n, after n - places[n + 1]
  EACH_VECTOR(c, WIDTH) {
    vf sum = load_row(dk, m, WIDTH, c);
    for (int n = from; n < to; ++n) {
      const int pair = (int)(places[n + 1] - n - row);
      const vf part = load_row(z, pair, WIDTH, c) * load_row(q, n, WIDTH, c);
      sum += fma((vf)(s[pair]), load_row(dout, n, WIDTH, c), part);
    }
    store_row(dk, m, WIDTH, c, sum);
    if (m >= first) {
      const int count = (int)(places[m + 1] - places[m]), pair = (int)(places[m] - places[first]);
      sum = load_row(dq, m, WIDTH, c);
      for (int i = 0; i < count; ++i)
        sum = fma(load_row(z, pair + i, WIDTH, c), load_row(k, m - count + i, WIDTH, c), sum);
      store_row(dq, m, WIDTH, c, sum);
    }
  }
  EACH_VECTOR(e, HIDDEN) {
    vf sum = load_row(dkey_part, m, HIDDEN, e);
    for (int n = from; n < to; ++n)
      sum += load_row(u, (int)(places[n + 1] - n - row), HIDDEN, e);
    store_row(dkey_part, m, HIDDEN, e, sum);
  }
}
