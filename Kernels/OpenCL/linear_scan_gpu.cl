// The scan of linear_scan.cl on a GPU: a work-item computes one channel of one chunk of a sequence.
// group 0: sequences, group 1: chunks of CHUNK events, counted from the start of the sequence, so
// that no other sequence changes a bit; group 2: blocks of ITEMS channels.
//
//   linear_scan_ends, linear_scan_backward_ends   each chunk from zero: what leaves it, and the sum
//                                                 of its steps
//   linear_scan_carries                           what leaves each chunk becomes what enters it
//   linear_scan_forward, linear_scan_backward     each chunk from what enters it
//
// The first three run only where a sequence has more than one chunk. ends: [sequences, chunks,
// PLANES channels]; spans: [sequences, chunks, channels], with STEPS alone. The other arrays are
// those of linear_scan_cpu.cl; terms have a row for each chunk of each sequence.

#define CHUNK 64
#define ITEMS 64
#define GROUP __attribute__((reqd_work_group_size(ITEMS, 1, 1)))

#if STEPS
#define STEP(t) steps[(size_t)(t) * channels + c]
#define FACTOR(step) factor_of(pole, step)
#else
#define STEP(t) 1.0f
#define FACTOR(step) constant_factor
#endif

#define LOAD_CHUNK                                                                   \
  const int b = (int)get_group_id(0), chunk = (int)get_group_id(1);                  \
  const int c = (int)get_group_id(2) * ITEMS + (int)get_local_id(0);                 \
  const int row = b * (int)get_num_groups(1) + chunk;                                \
  const int start = offsets[b], first = start + chunk * CHUNK;                       \
  const int end = c < channels ? min(first + CHUNK, offsets[b + 1]) : first;         \
  const scan_pole pole = load_pole(decay, frequency, channels, c);                   \
  const scan_factor constant_factor = factor_of(pole, 1.0f);

GROUP __kernel void linear_scan_ends(__global const float *x, __global const float *steps,
                                     __global const float *decay, __global const float *frequency,
                                     __global float *ends, __global float *spans,
                                     __global const int *offsets, int channels)
{
  LOAD_CHUNK
  scan_value state = zero_value();
  float span = 0.0f;
  for (int t = first; t < end; ++t) {
    const scan_factor a = FACTOR(STEP(t));
    state = advance(a, state, scaled(a, load_value(x, t, channels, c)));
    span += STEP(t);
  }
  if (first < end) {
    store_value(ends, row, channels, c, state);
#if STEPS
    store_row(spans, row, channels, c, span);
#endif
  }
}

GROUP __kernel void linear_scan_backward_ends(__global const float *dh, __global const float *steps,
                                              __global const float *decay,
                                              __global const float *frequency,
                                              __global float *ends, __global float *spans,
                                              __global const int *offsets, int channels)
{
  LOAD_CHUNK
  scan_value carry = zero_value();
  float span = 0.0f;
  for (int t = end - 1; t >= first; --t) {
    carry = turned_back(FACTOR(STEP(t)), sum_of(load_value(dh, t, channels, c), carry));
    span += STEP(t);
  }
  if (first < end) {
    store_value(ends, row, channels, c, carry);
#if STEPS
    store_row(spans, row, channels, c, span);
#endif
  }
}

// group 0: sequences, group 1: blocks of channels.
GROUP __kernel void linear_scan_carries(__global float *ends, __global const float *spans,
                                        __global const float *decay,
                                        __global const float *frequency,
                                        __global const float *initial, int has_initial,
                                        __global const int *offsets, int channels, int chunks,
                                        int is_backward)
{
  const int b = (int)get_group_id(0);
  const int c = (int)get_group_id(1) * ITEMS + (int)get_local_id(0);
  const int length = offsets[b + 1] - offsets[b];
  const int count = c < channels ? (length + CHUNK - 1) / CHUNK : 0;
  const scan_pole pole = load_pole(decay, frequency, channels, c);
  scan_value carry = has_initial ? load_value(initial, b, channels, c) : zero_value();
  for (int i = 0; i < count; ++i) {
    const int chunk = is_backward ? count - 1 - i : i, row = b * chunks + chunk;
    const scan_value leaving = load_value(ends, row, channels, c);
#if STEPS
    const float span = spans[(size_t)row * channels + c];
#else
    const float span = (float)min(CHUNK, length - chunk * CHUNK);
#endif
    const scan_factor a = factor_of(pole, span);
    store_value(ends, row, channels, c, carry);
    carry = is_backward ? sum_of(leaving, turned_back(a, carry)) : advance(a, carry, leaving);
  }
}

GROUP __kernel void linear_scan_forward(__global const float *x, __global const float *steps,
                                        __global const float *decay,
                                        __global const float *frequency,
                                        __global const float *initial, int has_initial,
                                        __global float *h, __global const int *offsets,
                                        int channels, __global const float *ends, int has_ends)
{
  LOAD_CHUNK
  scan_value state = zero_value();
  if (first < end) {
    if (has_ends) state = load_value(ends, row, channels, c);
    else if (has_initial) state = load_value(initial, b, channels, c);
  }
  for (int t = first; t < end; ++t) {
    const scan_factor a = FACTOR(STEP(t));
    state = advance(a, state, scaled(a, load_value(x, t, channels, c)));
    store_value(h, t, channels, c, state);
  }
}

GROUP __kernel void linear_scan_backward(
  __global const float *dh, __global const float *x, __global const float *h,
  __global const float *steps, __global const float *decay, __global const float *frequency,
  __global const float *base, int has_base, __global float *dx, __global const float *steps_base,
  int has_steps_base, __global float *dsteps, __global float *decay_terms,
  __global float *frequency_terms, __global const int *offsets, int channels,
  __global const float *ends, int has_ends)
{
  LOAD_CHUNK
  scan_value carry = zero_value(), sums = zero_value();
  if (has_ends && first < end) carry = load_value(ends, row, channels, c);
  for (int t = end - 1; t >= first; --t) {
    const float step = STEP(t);
    const scan_factor a = FACTOR(step);
    const scan_value g = sum_of(load_value(dh, t, channels, c), carry);
    const scan_value before = t > start ? load_value(h, t - 1, channels, c) : zero_value();
    const scan_value dz = exponent_gradient(a, g, before, load_value(x, t, channels, c));
    carry = turned_back(a, g);
    sums.re = fma(step, dz.re, sums.re);
    sums.im = fma(step, dz.im, sums.im);
    scan_value out = scaled(a, g);
    if (has_base) out = sum_of(out, load_value(base, t, channels, c));
    store_value(dx, t, channels, c, out);
#if STEPS
    const size_t at = (size_t)t * channels + c;
    dsteps[at] = fma(pole.rate, dz.re, pole.angle * dz.im)
                 + (has_steps_base ? steps_base[at] : 0.0f);
#endif
  }
  if (c < channels) {
    store_row(decay_terms, row, channels, c, pole.rate * sums.re);
#if COMPLEX
    store_row(frequency_terms, row, channels, c, pole.angle * sums.im);
#endif
  }
}
